package sightline.router.session;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import sightline.router.fleet.EncodeJob;
import sightline.router.fleet.PeerId;
import sightline.router.fleet.PromptWork;
import sightline.router.fleet.Worker;
import sightline.stage.v1.Encoded;
import sightline.stage.v1.Prefilled;
import sightline.v1.Timeline;

/**
 * A session whose answers are on their way.
 *
 * @param tickets for the pictures' projected tokens, as long as a vision node holds them for this session
 * @param projected SHA-256 of the projected tokens of each picture, as they came first; empty before
 * @param runs one for each answer, by its number
 * @param hasBegun whether the client was told so
 * @param equal what the answers began with, here or at another router, once they have
 * @param times of the stages that are over
 */
record Answering(PreparedPrompt prompt, Optional<List<Encoded>> tickets, List<ByteString> projected,
        List<Run> runs, Delivery delivery, boolean hasBegun, Optional<Fingerprints> equal, Timeline times,
        int cachedPromptTokens)
        implements
            SessionState {

    Answering {
        tickets = tickets.map(List::copyOf);
        projected = List.copyOf(projected);
        runs = List.copyOf(runs);
    }

    static Answering prepared(PreparedPrompt prompt, List<Run> runs, Optional<Fingerprints> equal) {
        var noneNeeded = prompt.pictures().isEmpty()
                ? Optional.of(List.<Encoded>of())
                : Optional.<List<Encoded>>empty();
        return new Answering(prompt, noneNeeded, List.of(), runs, Delivery.empty(), false, equal,
                Timeline.getDefaultInstance(), 0);
    }

    boolean isWhole() {
        return runs.stream().allMatch(Run::isWhole);
    }

    Run run(int choice) {
        return runs.get(choice);
    }

    boolean any(Predicate<Run.Stage> stage) {
        return runs.stream().map(Run::stage).anyMatch(stage);
    }

    Answering with(Run changed) {
        var all = new ArrayList<>(runs);
        all.set(changed.choice(), changed);
        return new Answering(prompt, tickets, projected, all, delivery, hasBegun, equal, times, cachedPromptTokens);
    }

    Answering with(Delivery changed) {
        return new Answering(prompt, tickets, projected, runs, changed, hasBegun, equal, times, cachedPromptTokens);
    }

    /** Pictures wait side by side, and are worked on one after the other; what is done once more is not told again. */
    Answering with(List<Encoded> held) {
        var told = times.toBuilder()
                .setQueueUs(held.stream().mapToLong(Encoded::getQueueUs).max().orElse(0))
                .setPreprocessUs(held.stream().mapToLong(Encoded::getPreprocessUs).sum())
                .setEncodeUs(held.stream().mapToLong(Encoded::getEncodeUs).sum());
        return new Answering(prompt, Optional.of(held), projected(held), runs, delivery, hasBegun, equal,
                hasBegun ? times : told.build(), cachedPromptTokens);
    }

    /** Whether these pictures came out as they did when the answers began, if they have. */
    boolean isSameAsBefore(List<Encoded> held) {
        return !hasBegun || projected.equals(projected(held));
    }

    private static List<ByteString> projected(List<Encoded> held) {
        return held.stream().map(encoded -> encoded.getTicket().getSha256()).toList();
    }

    Answering withoutTickets() {
        return new Answering(prompt, Optional.empty(), projected, runs, delivery, hasBegun, equal, times,
                cachedPromptTokens);
    }

    /** A replica has read the prompt, and the client is told what it gets. */
    Answering begun(Fingerprints by, Prefilled told, Delivery changed) {
        var more = times.toBuilder()
                .setQueueUs(times.getQueueUs() + told.getQueueUs())
                .setHandoffUs(told.getHandoffUs())
                .setPrefillUs(told.getPrefillUs());
        return new Answering(prompt, tickets, projected, runs, changed, true, Optional.of(by), more.build(),
                told.getCachedPromptTokens());
    }

    Answering firstToken(long sinceReceiptNanos) {
        var more = times.toBuilder().setFirstTokenUs(TimeUnit.NANOSECONDS.toMicros(sinceReceiptNanos));
        return new Answering(prompt, tickets, projected, runs, delivery, hasBegun, equal, more.build(),
                cachedPromptTokens);
    }

    /** A replica that has read the prompt. */
    Optional<PeerId> reader() {
        return runs.stream()
                .filter(run -> run.stage() instanceof Run.Stage.Decoding)
                .flatMap(run -> run.replica().stream())
                .map(Worker::id)
                .findFirst();
    }

    /** What a replica has to do for this answer from here on. */
    PromptWork work(int choice) {
        int answered = run(choice).answer().log().size();
        var keys = prompt.pictures().stream().map(EncodeJob.Picture::key).toList();
        return PromptWork.of(prompt.prompt(), keys, answered, prompt.maxNewTokens() - answered);
    }

    /** Empty without pictures. */
    String visionFingerprint() {
        return tickets.stream()
                .flatMap(List::stream)
                .map(encoded -> encoded.getTicket().getVisionFingerprint())
                .findFirst()
                .orElse("");
    }

    int longestAnswer() {
        return runs.stream().mapToInt(run -> run.answer().log().size()).max().orElse(0);
    }

    int tokens() {
        return runs.stream().mapToInt(run -> run.answer().log().size()).sum();
    }

    /** How often an answer had to look for another replica. */
    int failovers() {
        return runs.stream().mapToInt(Run::epoch).sum();
    }
}
