package sightline.router.sim;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import sightline.router.session.SimulatedRequest;
import sightline.v1.Delta;
import sightline.v1.Finished;
import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.v1.Resume;
import sightline.v1.ResumedChoice;
import sightline.v1.Started;

/**
 * All that one client has been told, over all its calls, held against the answer to which nothing happens: each id once
 * and in order, the text of exactly these ids, one Started first, and nothing behind Finished.
 */
final class Transcript {
    /** One choice so far. */
    private static final class Heard {
        private final SimulatedRequest.Unfailed unfailed;
        private final StringBuilder text = new StringBuilder();
        private int ids;
        private boolean ended;

        private Heard(SimulatedRequest.Unfailed unfailed) {
            this.unfailed = unfailed;
        }

        private void add(Delta delta) {
            check(!ended, "a delta behind the end");
            check(delta.getIndex() == ids, "a delta at " + delta.getIndex() + " after " + ids + " ids");
            for (int id : delta.getTokenIdsList())
                check(ids < unfailed.ids().size() && unfailed.ids().get(ids++) == id, "another id at " + (ids - 1));
            text.append(delta.getText());
            check(text.toString().equals(unfailed.shown().get(ids)), "other text after " + ids + " ids");
            ended = delta.hasEnd();
            check(ended == (ids == unfailed.ids().size()), "an end after " + ids + " ids");
            check(!ended || delta.getEnd().equals(unfailed.end()), "another end: " + delta.getEnd());
        }
    }

    private final GenerateRequest request;
    private Optional<Started> begun = Optional.empty();
    private List<Heard> choices = List.of();
    private boolean startedInCall;
    private boolean finished;

    Transcript(GenerateRequest request) {
        this.request = request;
    }

    /** What to ask next: the request, and how far its answer has come. */
    GenerateRequest ask() {
        startedInCall = false;
        return begun.map(this::resumed).orElse(request);
    }

    private GenerateRequest resumed(Started started) {
        var resume = Resume.newBuilder()
                .setModelDigest(started.getModelDigest())
                .setLanguageFingerprint(started.getLanguageFingerprint())
                .setVisionFingerprint(started.getVisionFingerprint())
                .setSeed(started.getSeed());
        for (var choice : choices)
            resume.addChoices(
                    ResumedChoice.newBuilder().addAllTokenIds(choice.unfailed.ids().subList(0, choice.ids)));
        return request.toBuilder().setResume(resume).build();
    }

    boolean hasBegun() {
        return begun.isPresent();
    }

    boolean isFinished() {
        return finished;
    }

    int tokens() {
        return choices.stream().mapToInt(choice -> choice.ids).sum();
    }

    void add(GenerateResponse response) {
        check(!finished, "something behind Finished");
        switch (response.getEventCase()) {
            case STARTED -> start(response.getStarted());
            case DELTA -> {
                check(startedInCall, "a delta before Started");
                choices.get(response.getDelta().getChoice()).add(response.getDelta());
            }
            case FINISHED -> finish(response.getFinished());
            case EVENT_NOT_SET -> check(false, "an empty response");
        }
    }

    private void start(Started started) {
        check(!startedInCall, "a second Started");
        startedInCall = true;
        if (begun.isPresent()) {
            check(begun.get().equals(started), "another Started: " + started);
            return;
        }
        begun = Optional.of(started);
        choices = IntStream.range(0, Math.max(1, request.getSampling().getN()))
                .mapToObj(choice -> new Heard(unfailed(started, choice)))
                .toList();
    }

    private SimulatedRequest.Unfailed unfailed(Started by, int choice) {
        var projected = new ArrayList<ByteString>();
        for (var image : request.getPrompt().getImagesList())
            projected.add(PureModel.projected(SimulatedRequest.MODEL.imageKey(image.getEncoded()).byteString(),
                    by.getVisionFingerprint()));
        return SimulatedRequest.unfailed(request, PureModel.tokens(PureModel.begin(by.getLanguageFingerprint(),
                SimulatedRequest.promptIds(request), projected, by.getSeed(), choice)));
    }

    private void finish(Finished told) {
        check(startedInCall, "Finished before Started");
        check(choices.stream().allMatch(choice -> choice.ended), "Finished before the end");
        check(told.getUsage().getCompletionTokens() == tokens(), "another usage: " + told.getUsage());
        finished = true;
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds)
            throw new AssertionError("the client was told " + otherwise);
    }
}
