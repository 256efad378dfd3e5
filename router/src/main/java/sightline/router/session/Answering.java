package sightline.router.session;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * @param tickets of the pictures, as long as vision nodes encode or hold them for this session
 * @param projected SHA-256 of the projected tokens of each picture that was encoded, counted from 0
 * @param runs one for each answer, by its number
 * @param hasBegun whether the client was told so
 * @param equal what the answers began with, here or at another router, once they have
 * @param times of the stages that are over
 */
record Answering(PreparedPrompt prompt, Optional<Tickets> tickets, Map<Integer, ByteString> projected,
        List<Run> runs, Delivery delivery, boolean hasBegun, Optional<Fingerprints> equal, Timeline times,
        int cachedPromptTokens)
        implements
            SessionState {

    Answering {
        projected = Map.copyOf(projected);
        runs = List.copyOf(runs);
    }

    static Answering prepared(PreparedPrompt prompt, List<Run> runs, Optional<Fingerprints> equal) {
        var noneNeeded = Optional.of(Tickets.awaited(0)).filter(_ -> prompt.pictures().isEmpty());
        return new Answering(prompt, noneNeeded, Map.of(), runs, Delivery.empty(), false, equal,
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

    /** Vision nodes are asked for all pictures. */
    Answering asked() {
        return with(Tickets.awaited(prompt.pictures().size()), projected);
    }

    /** One of the pictures is encoded, and its vision node holds it. */
    Answering with(int picture, Encoded encoded) {
        var known = new HashMap<>(projected);
        known.put(picture, encoded.getTicket().getSha256());
        return with(tickets.orElseThrow().with(picture, encoded), known);
    }

    /** Pictures wait side by side, and are worked on one after the other; what is done once more is not told again. */
    private Answering with(Tickets held, Map<Integer, ByteString> known) {
        var told = times.toBuilder()
                .setQueueUs(held.all().stream().mapToLong(Encoded::getQueueUs).max().orElse(0))
                .setPreprocessUs(held.all().stream().mapToLong(Encoded::getPreprocessUs).sum())
                .setEncodeUs(held.all().stream().mapToLong(Encoded::getEncodeUs).sum());
        return new Answering(prompt, Optional.of(held), known, runs, delivery, hasBegun, equal,
                hasBegun ? times : told.build(), cachedPromptTokens);
    }

    /** Whether this picture came out as it did when the answers began, if they have. */
    boolean isSameAsBefore(int picture, Encoded encoded) {
        return !hasBegun || encoded.getTicket().getSha256().equals(projected.get(picture));
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
                .flatMap(held -> held.all().stream())
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
