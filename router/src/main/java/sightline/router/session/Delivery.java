package sightline.router.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import sightline.v1.Delta;
import sightline.v1.GenerateResponse;

/**
 * What is on its way to the client: kept while it does not read, in order, with the deltas of an answer joined to one.
 *
 * <p>The token credit bounds what can wait here.
 */
record Delivery(List<GenerateResponse> waiting, ClientSide client) {

    /** What can be written now, and what is left. */
    record Sent(Delivery rest, List<GenerateResponse> responses) {
        /** Of this answer. */
        int tokens(int choice) {
            return Delivery.tokens(responses, choice);
        }

        SessionEffect[] effects() {
            return responses.stream().map(SessionEffect.Write::new).toArray(SessionEffect[]::new);
        }
    }

    Delivery {
        waiting = List.copyOf(waiting);
    }

    static Delivery empty() {
        return new Delivery(List.of(), new ClientSide.Ready());
    }

    Delivery add(GenerateResponse response) {
        var all = new ArrayList<>(waiting);
        int same = response.hasDelta() ? indexOfDelta(response.getDelta().getChoice()) : -1;
        if (same >= 0)
            all.set(same, join(all.get(same).getDelta(), response.getDelta()));
        else
            all.add(response);
        return new Delivery(all, client);
    }

    private int indexOfDelta(int choice) {
        return IntStream.range(0, waiting.size())
                .filter(i -> waiting.get(i).hasDelta() && waiting.get(i).getDelta().getChoice() == choice)
                .findFirst()
                .orElse(-1);
    }

    /** Of this answer, that wait. */
    int tokens(int choice) {
        return tokens(waiting, choice);
    }

    private static int tokens(List<GenerateResponse> responses, int choice) {
        return responses.stream()
                .map(GenerateResponse::getDelta)
                .filter(delta -> delta.getChoice() == choice)
                .mapToInt(Delta::getTokenIdsCount)
                .sum();
    }

    Sent send() {
        return client instanceof ClientSide.Ready
                ? new Sent(new Delivery(List.of(), client), waiting)
                : new Sent(this, List.of());
    }

    Delivery clientReady() {
        return new Delivery(waiting, new ClientSide.Ready());
    }

    Delivery clientBusy(long nowNanos) {
        return client instanceof ClientSide.Busy ? this : new Delivery(waiting, new ClientSide.Busy(nowNanos));
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Whether something has waited for the client for so long. */
    boolean isStuck(long nowNanos, Duration limit) {
        return !waiting.isEmpty() && client instanceof ClientSide.Busy(long sinceNanos)
                && nowNanos - sinceNanos >= limit.toNanos();
    }

    private static GenerateResponse join(Delta first, Delta next) {
        // mergeFrom appends ids and scores, and takes the end; index and text need their own rule.
        var joined = first.toBuilder()
                .mergeFrom(next)
                .setIndex(first.getIndex())
                .setText(first.getText() + next.getText());
        return GenerateResponse.newBuilder().setDelta(joined).build();
    }
}
