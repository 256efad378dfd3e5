package sightline.router.fleet;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.stage.v1.Encoded;

class VisionLedgerTest {
    private static final PeerId A = new PeerId("vision-a", 1);
    private static final PeerId B = new PeerId("vision-b", 1);
    private static final VisionNeed NEED = new VisionNeed("m", Optional.empty());
    private static final VisionNeed.Offer OFFER = new VisionNeed.Offer("m", "print");
    private static final int PLACES = 16;

    private final VisionLedger ledger = new VisionLedger();
    private final Map<JobId, List<ByteString>> keys = new HashMap<>();
    private long nowNanos;
    private VisionPlan plan = VisionPlan.empty(PLACES).nodes(Map.of(A, OFFER, B, OFFER));
    private long jobs;

    @Test
    void aPictureGoesWhereItsTokensAreUnlessTooManyAreBeforeIt() {
        assertThat(submit("known")).isEqualTo(A);
        assertThat(submit("other")).isEqualTo(B);
        var toKnown = IntStream.range(0, 8).mapToObj(_ -> submit("known")).toList();
        assertThat(toKnown).containsOnly(A);
        var news = IntStream.range(0, 4).mapToObj(i -> submit("new " + i)).toList();
        assertThat(news).containsExactly(B, A, B, A);
    }

    @Test
    void aRequestsPicturesAreSpreadAndAKnownOneGoesWhereItsTokensAre() {
        assertThat(submit("known")).isEqualTo(A);
        ledger.encoded(A, encoded(1, 100_000), nowNanos);
        plan = plan.end(new JobId(1)).plan();
        submitUnsent("new", "known");
        assertThat(flush()).containsExactly(new VisionEffect.Send(B, new JobId(2), List.of(0), 2),
                new VisionEffect.Send(A, new JobId(2), List.of(1), 3));
    }

    @Test
    void whatWasLearnedOfANodeIsForgottenWithIt() {
        submit("known");
        ledger.encoded(A, encoded(1, 9_000_000), nowNanos);
        assertThat(costs().seconds(A, new JobId(1), 0)).isGreaterThan(costs().seconds(B, new JobId(1), 0));
        ledger.nodes(Set.of(B));
        ledger.nodes(Set.of(A, B));
        assertThat(costs().seconds(A, new JobId(1), 0)).isEqualTo(costs().seconds(B, new JobId(1), 0));
    }

    @Test
    void aPictureIsKeptByBeingSentAndNotByBeingPriced() {
        for (int i = 0; i < 100; i++)
            give("picture " + i);
        give("picture 1");
        assertThat(isKnown("picture 0")).isTrue();
        give("one more", "another");
        assertThat(isKnown("picture 0")).isFalse();
        assertThat(isKnown("picture 1")).isTrue();
        assertThat(isKnown("picture 2")).isFalse();
    }

    private void give(String... pictures) {
        for (var picture : pictures)
            ledger.sent(A, new JobId(++jobs), List.of(ByteString.copyFromUtf8(picture)), nowNanos);
    }

    private boolean isKnown(String picture) {
        return seconds(picture) < seconds("never sent");
    }

    private double seconds(String picture) {
        var job = new JobId(++jobs);
        keys.put(job, List.of(ByteString.copyFromUtf8(picture)));
        return costs().seconds(A, job, 0);
    }

    /** Two nodes of which one is ten times slower, with always the same number of pictures to encode. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void nodesThatDifferByTenShareThePicturesInProportion(long seed) {
        var random = new Random(seed);
        var fast = new Device(A, 0.1);
        var slow = new Device(B, 1.0);
        var work = new PriorityQueue<Work>(Comparator.comparingLong(Work::endNanos));
        for (int i = 0; i < 40; i++)
            submitUnsent("picture " + random.nextLong());
        while (nowNanos < Duration.ofMinutes(10).toNanos()) {
            for (var effect : flush())
                if (effect instanceof VisionEffect.Send(var to, var _, var _, long item))
                    work.add((to.equals(A) ? fast : slow).take(item, 0.5 + random.nextDouble()));
            end(work.remove());
            submitUnsent("picture " + random.nextLong());
        }
        assertThat((double) fast.done / slow.done).as("seed %d: %d and %d", seed, fast.done, slow.done)
                .isBetween(8.0, 12.5);
    }

    private void end(Work work) {
        nowNanos = work.endNanos;
        work.on.done++;
        var answer = encoded(work.item, work.nanos / 1_000);
        ledger.encoded(work.on.id, answer, nowNanos);
        var answered = plan.encoded(work.on.id, answer);
        plan = answered.plan();
        for (var effect : answered.effects())
            if (effect instanceof VisionEffect.Answer(var job, int _, var _))
                plan = plan.end(job).plan();
    }

    private record Work(Device on, long item, long nanos, long endNanos) {}

    /** Encodes one picture after the other. */
    private final class Device {
        private final PeerId id;
        private final double secondsEach;
        private long busyUntilNanos;
        private int done;

        private Device(PeerId id, double secondsEach) {
            this.id = id;
            this.secondsEach = secondsEach;
        }

        private Work take(long item, double size) {
            long nanos = (long) (secondsEach * size * 1e9);
            busyUntilNanos = Math.max(busyUntilNanos, nowNanos) + nanos;
            return new Work(this, item, nanos, busyUntilNanos);
        }
    }

    private List<ByteString> keysOf(JobId job) {
        return requireNonNull(keys.get(job));
    }

    private VisionCosts costs() {
        return ledger.at(nowNanos, this::keysOf);
    }

    private List<VisionEffect> flush() {
        var flushed = plan.flush(costs());
        plan = flushed.plan();
        for (var effect : flushed.effects())
            if (effect instanceof VisionEffect.Send send)
                ledger.sent(send.to(), send.job(), send.pictures().stream().map(keysOf(send.job())::get).toList(),
                        nowNanos);
        return flushed.effects();
    }

    private void submitUnsent(String... pictures) {
        var id = new JobId(++jobs);
        keys.put(id, Arrays.stream(pictures).map(ByteString::copyFromUtf8).toList());
        plan = plan.submit(id, NEED, pictures.length);
    }

    private PeerId submit(String picture) {
        submitUnsent(picture);
        return flush().stream()
                .flatMap(effect -> effect instanceof VisionEffect.Send send
                        ? Stream.of(send.to())
                        : Stream.empty())
                .findFirst()
                .orElseThrow();
    }

    private static Encoded encoded(long item, long micros) {
        return Encoded.newBuilder().setItem(item).setEncodeUs(micros).build();
    }
}
