package sightline.deploy.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import sightline.client.Answer;
import sightline.deploy.client.RunningRequest;
import sightline.v1.Delta;
import sightline.v1.InferenceGrpc;

/** One asking of a subject, and when each of its tokens came. */
final class Trial {
    private static final long LIMIT_SECONDS = 60;

    private final String id;
    private final Subject subject;
    private final Map<Integer, List<Long>> arrivals = new TreeMap<>();
    private final List<String> breaks = new ArrayList<>();
    private final BiConsumer<Integer, Integer> onToken;
    private volatile boolean over;
    private final RunningRequest running;

    /** @param onToken told of a choice and how many of its tokens are here, on one of gRPC's threads */
    Trial(String id, Subject subject, InferenceGrpc.InferenceStub stub, BiConsumer<Integer, Integer> onToken) {
        this.id = id;
        this.subject = subject;
        this.onToken = onToken;
        this.running = RunningRequest.start(stub, subject.request().toBuilder().setRequestId(id).build(), this::onDelta,
                () -> over = true);
    }

    String id() {
        return id;
    }

    Subject subject() {
        return subject;
    }

    boolean isOver() {
        return over;
    }

    Answer await() throws Exception {
        var answer = running.awaitAnswer(LIMIT_SECONDS);
        if (!breaks.isEmpty())
            throw new AssertionError(id + ", " + subject.name() + ": " + breaks);
        return answer;
    }

    /** The longest time without a token of an answer, among those that ended behind {@code nanos}. Once it is over. */
    long longestGapNanos(long nanos) {
        return arrivals.values().stream().mapToLong(times -> longestGapNanos(times, nanos)).max().orElse(0);
    }

    private static long longestGapNanos(List<Long> times, long nanos) {
        long longest = 0;
        long before = nanos;
        for (long time : times) {
            if (time > nanos)
                longest = Math.max(longest, time - before);
            before = time;
        }
        return longest;
    }

    private void onDelta(Delta delta) {
        var times = arrivals.computeIfAbsent(delta.getChoice(), _ -> new ArrayList<>());
        if (delta.getIndex() != times.size())
            breaks.add("token " + delta.getIndex() + " of answer " + delta.getChoice() + " after " + times.size());
        for (int i = 0; i < delta.getTokenIdsCount(); i++)
            times.add(System.nanoTime());
        onToken.accept(delta.getChoice(), times.size());
    }
}
