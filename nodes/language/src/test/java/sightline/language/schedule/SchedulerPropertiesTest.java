package sightline.language.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random courses of events: whatever happens, nothing leaks, nobody starves, bounds hold, everything ends. */
class SchedulerPropertiesTest {
    private static final int EVENTS = 600;
    private static final int BLOCKS = 24;

    static LongStream seeds() {
        var seed = Long.getLong("seed");
        return seed == null ? LongStream.range(0, 300) : LongStream.of(seed);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void holdInEveryCourseOfEvents(long seed) {
        new Course(seed).run();
    }

    /** Plays router, clients and model runner against the scheduler, and carries its effects out. */
    private static final class Course {
        private final Random random;
        private final Limits limits;
        private final Scheduler scheduler;
        private final Map<SequenceId, Demand> alive = new HashMap<>();
        private final Map<SequenceId, Integer> held = new HashMap<>();
        private final Map<SequenceId, Integer> credit = new HashMap<>();
        private final Map<SequenceId, Integer> idleSteps = new HashMap<>();
        private final Set<SequenceId> fetching = new HashSet<>();
        private final Set<SequenceId> ended = new HashSet<>();
        private final ArrayDeque<Event> mailbox = new ArrayDeque<>();
        private SchedulerState state = SchedulerState.idle(KvLedger.empty(64, BLOCKS));
        private long nowNanos = Long.MAX_VALUE - 5_000_000_000L; // nanoTime may wrap round
        private long lastId;

        Course(long seed) {
            random = new Random(seed);
            limits = new Limits(1 + random.nextInt(6), random.nextInt(5), 32, 1 + random.nextInt(3),
                    Duration.ofSeconds(30), Duration.ofSeconds(1));
            scheduler = new Scheduler(limits);
        }

        void run() {
            for (int i = 0; i < EVENTS; i++) {
                mailbox.add(something());
                drain(1 + random.nextInt(3));
                nowNanos += random.nextInt(20_000_000);
            }
            for (int i = 0; i < 10_000 && !alive.isEmpty(); i++) {
                alive.keySet().forEach(id -> mailbox.add(new Event.Credited(id, 100)));
                fetching.forEach(id -> mailbox.add(new Event.Fetched(id)));
                drain(mailbox.size() + 1);
            }
            assertThat(alive).isEmpty();
            assertThat(held).isEmpty();
            assertThat(state.kv().usedBlocks()).isZero();
            assertThat(state.sequencesRunning() + state.sequencesWaiting()).isZero();
        }

        private Event something() {
            return switch (random.nextInt(10)) {
                case 0, 1, 2 -> arrival();
                case 3, 4 -> new Event.Fetched(anyId());
                case 5, 6 -> new Event.Credited(anyId(), 1 + random.nextInt(6));
                case 7 -> new Event.Withdrawn(anyId());
                default -> new Event.Woken();
            };
        }

        private Event arrival() {
            var demand = new Demand(new SequenceId(++lastId), 1 + random.nextInt(500), 1 + random.nextInt(40),
                    random.nextBoolean(), nowNanos + random.nextInt(2_000_000_000), 1 + random.nextInt(9));
            alive.put(demand.id(), demand);
            credit.put(demand.id(), demand.credit());
            return new Event.Arrived(demand);
        }

        private Demand demandOf(SequenceId id) {
            return Objects.requireNonNull(alive.get(id), () -> "not alive: " + id);
        }

        private SequenceId anyId() {
            return new SequenceId(1 + random.nextLong(Math.max(1, lastId)));
        }

        private void drain(int events) {
            for (int i = 0; i < events && !mailbox.isEmpty(); i++) {
                feed(mailbox.poll());
            }
        }

        private void feed(Event event) {
            switch (event) {
                case Event.Withdrawn(var id) -> gone(id);
                case Event.Credited(var id, var tokens) -> credit.computeIfPresent(id, (_, have) -> have + tokens);
                case Event.Fetched(var id) -> fetching.remove(id);
                default -> {
                }
            }
            var transition = scheduler.transition(state, event, nowNanos);
            state = transition.state();
            transition.effects().forEach(this::carryOut);
            requireBounds();
        }

        private void carryOut(Effect effect) {
            switch (effect) {
                case Effect.Reserve(var id, var blocks) -> onReserve(id, blocks);
                case Effect.Release(var id) -> assertThat(held.remove(id)).as("held by %s", id).isNotNull();
                case Effect.Finish(var id, _) -> assertThat(gone(id)).as("alive %s", id).isTrue();
                case Effect.Refuse(var id, _) -> assertThat(gone(id)).as("alive %s", id).isTrue();
                case Effect.StepSoon() -> mailbox.add(new Event.StepDue());
                case Effect.Run(var step) -> mailbox.addFirst(new Event.StepDone(run(step)));
                case Effect.WakeAt(var nanos) -> assertThat(nanos - nowNanos).isPositive();
            }
        }

        private void onReserve(SequenceId id, int blocks) {
            assertThat(held.put(id, blocks)).as("reserved twice: %s", id).isNull();
            if (demandOf(id).awaitsImages()) {
                fetching.add(id);
            }
        }

        private List<Event.Sampled> run(Step step) {
            var ids = switch (step) {
                case Step.Prefill(var id, var from, var to, var last) -> prefilled(id, from, to, last);
                case Step.Decode(var all) -> all;
            };
            requireNobodyStarves(step);
            var sampled = new ArrayList<Event.Sampled>();
            for (var id : ids) {
                assertThat(held).containsKey(id);
                assertThat(credit.merge(id, -1, Integer::sum)).as("credit of %s", id).isNotNegative();
                sampled.add(new Event.Sampled(id, random.nextInt(30) == 0));
            }
            return sampled;
        }

        private List<SequenceId> prefilled(SequenceId id, int from, int to, boolean last) {
            assertThat(from % limits.tileRows()).isZero();
            assertThat(to - from).isBetween(1, limits.rowsPerStep());
            assertThat(last).isEqualTo(to == demandOf(id).promptTokens());
            assertThat(fetching).doesNotContain(id);
            return last ? List.of(id) : List.of();
        }

        /** A decoding sequence takes part at least every second step. */
        private void requireNobodyStarves(Step step) {
            for (var sequence : state.running()) {
                if (sequence.phase() instanceof Phase.Decoding) {
                    var takesPart = step instanceof Step.Decode(var ids) && ids.contains(sequence.id());
                    var idle = idleSteps.merge(sequence.id(), 1, (before, _) -> takesPart ? 0 : before + 1);
                    assertThat(idle).isLessThanOrEqualTo(2);
                }
            }
        }

        private void requireBounds() {
            assertThat(state.sequencesRunning()).isLessThanOrEqualTo(limits.running());
            assertThat(state.sequencesWaiting()).isLessThanOrEqualTo(limits.waiting());
            assertThat(state.kv().usedBlocks()).isLessThanOrEqualTo(BLOCKS)
                    .isEqualTo(held.values().stream().mapToInt(Integer::intValue).sum());
        }

        private boolean gone(SequenceId id) {
            fetching.remove(id);
            credit.remove(id);
            if (alive.remove(id) == null) {
                return false;
            }
            assertThat(ended.add(id)).as("ended twice: %s", id).isTrue();
            return true;
        }
    }
}
