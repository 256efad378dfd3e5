package sightline.client;

import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sightline.v1.ChoiceEnd;
import sightline.v1.Delta;
import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.v1.Resume;
import sightline.v1.ResumedChoice;
import sightline.v1.Started;
import sightline.wire.Failure;

/**
 * What has been received of one answer: tells news from repetition, and makes the request that goes on from here.
 *
 * <p>A token is told once, in its place; a stream that says anything else than what was received before is refused. The
 * text needs no log of its own: what has been sent of it depends on the ids alone, so that a router which knows all ids
 * received so far goes on with exactly the text that has not been sent. Not for several threads.
 */
final class Transcript {
    private final GenerateRequest request;
    private final Resume.Builder soFar;
    private final Map<Integer, ChoiceEnd> ends = new HashMap<>();
    private Optional<Started> started = Optional.empty();
    private boolean isIntroduced;
    private boolean isWhole;

    /** @param request may itself go on with an earlier answer, of which nothing is then told again */
    Transcript(GenerateRequest request) {
        this.request = request;
        this.soFar = request.getResume().toBuilder();
    }

    boolean hasBegun() {
        return started.isPresent();
    }

    /** Whether Finished has come. */
    boolean isWhole() {
        return isWhole;
    }

    /** The request to send now; its stream has to introduce itself by Started. */
    GenerateRequest nextRequest() {
        isIntroduced = false;
        return started
                .map(known -> request.toBuilder().setRequestId(known.getRequestId()).setResume(soFar).build())
                .orElse(request);
    }

    /** Whether the event is news, to be handed out. */
    boolean accept(GenerateResponse event) {
        return switch (event.getEventCase()) {
            case STARTED -> accept(event.getStarted());
            case DELTA -> isNews(introduced(event).getDelta());
            case FINISHED -> {
                isWhole = introduced(event).hasFinished();
                yield true;
            }
            case EVENT_NOT_SET -> false; // an event of a newer server
        };
    }

    private GenerateResponse introduced(GenerateResponse event) {
        if (!isIntroduced)
            throw diverged("the stream begins with " + event.getEventCase() + " (expected: STARTED)");
        return event;
    }

    private boolean accept(Started now) {
        isIntroduced = true;
        if (started.isPresent()) {
            expectEqual(started.get(), now);
            return false;
        }
        started = Optional.of(now);
        soFar.setModelDigest(now.getModelDigest())
                .setLanguageFingerprint(now.getLanguageFingerprint())
                .setVisionFingerprint(now.getVisionFingerprint())
                .setSeed(now.getSeed());
        while (soFar.getChoicesCount() < Math.max(1, request.getSampling().getN()))
            soFar.addChoices(ResumedChoice.getDefaultInstance());
        return true;
    }

    private static void expectEqual(Started before, Started now) {
        for (FieldDescriptor field : Started.getDescriptor().getFields())
            if (!before.getField(field).equals(now.getField(field)))
                throw diverged("the answer goes on with another " + field.getName() + ": " + now.getField(field)
                        + " (expected: " + before.getField(field) + ")");
    }

    private boolean isNews(Delta delta) {
        int choice = delta.getChoice();
        if (choice < 0 || choice >= soFar.getChoicesCount())
            throw diverged("choice " + choice + " (expected: 0.." + (soFar.getChoicesCount() - 1) + ")");
        var known = soFar.getChoices(choice).getTokenIdsList();
        if (!ends.containsKey(choice) && delta.getIndex() == known.size()) {
            soFar.getChoicesBuilder(choice).addAllTokenIds(delta.getTokenIdsList());
            if (delta.hasEnd())
                ends.put(choice, delta.getEnd());
            return true;
        }
        if (!repeats(delta, known))
            throw diverged("choice " + choice + " goes on with " + delta.getTokenIdsList() + " at " + delta.getIndex()
                    + (ends.containsKey(choice) ? " after its end" : "")
                    + ", not with what follows the " + known.size() + " tokens received");
        return false;
    }

    private boolean repeats(Delta delta, List<Integer> known) {
        int from = delta.getIndex();
        int count = delta.getTokenIdsCount();
        return from >= 0 && from <= known.size() - count
                && known.subList(from, from + count).equals(delta.getTokenIdsList())
                && (!delta.hasEnd() || delta.getEnd().equals(ends.get(delta.getChoice())));
    }

    private static RequestFailed diverged(String what) {
        return RequestFailed.because(new Failure.Diverged(what));
    }
}
