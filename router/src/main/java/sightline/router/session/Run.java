package sightline.router.session;

import java.util.List;
import java.util.concurrent.TimeUnit;
import sightline.router.fleet.Worker;
import sightline.stage.v1.Encoded;
import sightline.stage.v1.Prefilled;
import sightline.v1.Timeline;

/**
 * A request on a replica.
 *
 * @param epoch of this attempt; tokens of another one are dropped
 * @param times of the stages that are over
 */
record Run(PreparedPrompt prompt, List<Encoded> tickets, Worker replica, int epoch, Timeline times,
        int cachedPromptTokens) {

    Run {
        tickets = List.copyOf(tickets);
    }

    /** A first attempt. Pictures wait side by side, and are worked on one after the other. */
    static Run first(PreparedPrompt prompt, List<Encoded> tickets, Worker replica) {
        var times = Timeline.newBuilder()
                .setQueueUs(tickets.stream().mapToLong(Encoded::getQueueUs).max().orElse(0))
                .setPreprocessUs(tickets.stream().mapToLong(Encoded::getPreprocessUs).sum())
                .setEncodeUs(tickets.stream().mapToLong(Encoded::getEncodeUs).sum());
        return new Run(prompt, tickets, replica, 0, times.build(), 0);
    }

    Run prefilled(Prefilled told) {
        var more = times.toBuilder()
                .setQueueUs(times.getQueueUs() + told.getQueueUs())
                .setHandoffUs(told.getHandoffUs())
                .setPrefillUs(told.getPrefillUs());
        return new Run(prompt, tickets, replica, epoch, more.build(), told.getCachedPromptTokens());
    }

    Run firstToken(long sinceReceiptNanos) {
        var more = times.toBuilder().setFirstTokenUs(TimeUnit.NANOSECONDS.toMicros(sinceReceiptNanos));
        return new Run(prompt, tickets, replica, epoch, more.build(), cachedPromptTokens);
    }

    /** Empty without pictures. */
    String visionFingerprint() {
        return tickets.isEmpty() ? "" : tickets.getFirst().getTicket().getVisionFingerprint();
    }
}
