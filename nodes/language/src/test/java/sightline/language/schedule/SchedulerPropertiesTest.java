package sightline.language.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.language.schedule.RandomDemands.Kind;

/** Random courses of events: whatever happens, nothing leaks, nobody starves, bounds hold, everything ends. */
class SchedulerPropertiesTest {
    private static final int EVENTS = 600;
    private static final int MOST_CREDIT = 100;

    static LongStream seeds() {
        var seed = Long.getLong("seed");
        return seed == null ? LongStream.range(0, 300) : LongStream.of(seed);
    }

    private static long preemptions;
    private static long hits;

    @AfterAll
    static void theCoursesWentEverywhere() {
        assertThat(preemptions).isPositive();
        assertThat(hits).isPositive();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void holdInEveryCourseOfEvents(long seed) {
        new Course(seed, 1).run();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void holdWithTwoStepsUnderWay(long seed) {
        new Course(seed, 2).run();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void holdWithThreeStepsUnderWay(long seed) {
        new Course(seed, 3).run();
    }

    /** Plays routers and clients against the scheduler. */
    private static final class Course {
        private final Random random;
        private final Limits limits;
        private final Kind kind;
        private final int blocks;
        private final Scheduler scheduler;
        private final PlayedModel model;
        private final StepWatch watch;
        private final RandomDemands demands;
        private final ArrayDeque<Event> mailbox = new ArrayDeque<>();
        private SchedulerState state;
        private long nowNanos = Long.MAX_VALUE - 5_000_000_000L; // nanoTime may wrap round

        Course(long seed, int depth) {
            random = new Random(seed);
            int tilesPerStep = 1 + random.nextInt(3);
            limits = new Limits(1 + random.nextInt(8), random.nextInt(5), 32, tilesPerStep,
                    1 + random.nextInt(tilesPerStep), 1 + random.nextInt(8), Duration.ofMillis(random.nextInt(100)),
                    Duration.ofSeconds(30), Duration.ofSeconds(1), depth);
            scheduler = new Scheduler(limits);
            kind = random.nextBoolean() ? Kind.VARIED : Kind.GROWING;
            demands = new RandomDemands(random, kind);
            blocks = kind.mostBlocks() + random.nextInt(3);
            state = SchedulerState.idle(KvLedger.empty(RandomDemands.BLOCK, blocks));
            model = new PlayedModel(random, kind, limits, blocks);
            watch = new StepWatch(limits);
        }

        void run() {
            for (int i = 0; i < EVENTS; i++) {
                mailbox.add(something());
                drain(1 + random.nextInt(3));
                nowNanos += random.nextInt(20_000_000);
            }
            for (int i = 0; i < 20_000 && !model.alive().isEmpty(); i++) {
                model.alive().forEach(id -> mailbox.add(new Event.Credited(id, MOST_CREDIT)));
                mailbox.addAll(model.toCome());
                model.offered().forEach(id -> mailbox.add(new Event.TurnTaken(id)));
                drain(mailbox.size() + limits.stepsUnderWay());
            }
            assertThat(model.alive()).isEmpty();
            model.requireNothingHeld();
            assertThat(state.kv().usedBlocks()).isZero();
            assertThat(state.sequencesRunning() + state.sequencesWaiting()).isZero();
            assertThat(state.served()).isEmpty();
            preemptions += state.counts().preemptions();
            hits += state.counts().hitTokens();
        }

        private Event something() {
            if (kind == Kind.GROWING) {
                return random.nextInt(8) == 0 ? arrival() : new Event.Credited(demands.anyId(), MOST_CREDIT);
            }
            return switch (random.nextInt(11)) {
                case 0, 1, 2 -> arrival();
                case 3, 4 -> anyOf(model.toCome()).orElseGet(() -> new Event.Fetched(demands.anyId(), 0));
                case 5, 6 -> new Event.Credited(demands.anyId(), 1 + random.nextInt(6));
                case 7 -> new Event.Withdrawn(demands.anyId());
                case 8 -> new Event.TurnTaken(model.offered().stream().findAny().orElseGet(demands::anyId));
                default -> new Event.Woken();
            };
        }

        private Event arrival() {
            var whole = demands.next(nowNanos);
            var demand = whole.with(demands.withoutLateOnes(whole.prompt()));
            model.arrived(demand, whole.prompt());
            return new Event.Arrived(demand);
        }

        private Optional<Event> anyOf(List<Event> events) {
            return events.isEmpty() ? Optional.empty() : Optional.of(events.get(random.nextInt(events.size())));
        }

        /** Takes what is in the mailbox; in between, at any time, the oldest step under way ends. */
        private void drain(int events) {
            for (int i = 0; i < events; i++) {
                if (!watch.isIdle() && (mailbox.isEmpty() || random.nextBoolean())) {
                    feed(new Event.StepDone(model.end(watch.end())));
                } else if (!mailbox.isEmpty()) {
                    feed(mailbox.poll());
                }
            }
        }

        private void feed(Event event) {
            model.told(event);
            var before = state;
            var transition = scheduler.transition(state, event, nowNanos);
            state = transition.state();
            for (var effect : transition.effects()) {
                switch (effect) {
                    case Effect.StepSoon() -> mailbox.add(new Event.StepDue());
                    case Effect.Run(var step) -> {
                        watch.begin(step, state);
                        model.begin(step);
                    }
                    case Effect.WakeAt(var nanos) -> assertThat(nanos - nowNanos).isPositive();
                    default -> model.carryOut(effect);
                }
            }
            requireBounds(before);
            requireOnlyIdleOnesGiveWay(transition);
        }

        private void requireBounds(SchedulerState before) {
            assertThat(state.sequencesRunning()).isLessThanOrEqualTo(limits.running());
            assertThat(state.waiting().stream().filter(sequence -> sequence.preemptions() == 0).count())
                    .isLessThanOrEqualTo(limits.waiting());
            assertThat(state.kv().usedBlocks() + state.kv().keptBlocks()).isLessThanOrEqualTo(blocks);
            assertThat(state.kv().usedBlocks()).isEqualTo(model.heldBlocks());
            assertThat(state.kv().keptBlocks()).isEqualTo(model.keptBlocks());
            requireTheOldestKeepsItsPlace(before);
        }

        private void requireOnlyIdleOnesGiveWay(Scheduler.Transition transition) {
            transition.effects()
                    .stream()
                    .filter(Effect.Release.class::isInstance)
                    .map(effect -> ((Effect.Release) effect).id())
                    .filter(model.alive()::contains)
                    .forEach(id -> assertThat(watch.isUnderWay(id)).as("under way: %s", id).isFalse());
        }

        private void requireTheOldestKeepsItsPlace(SchedulerState before) {
            if (state.counts().preemptions() > before.counts().preemptions()) {
                var oldest = before.running()
                        .stream()
                        .min(Comparator.comparingLong(sequence -> sequence.id().value()))
                        .orElseThrow();
                assertThat(state.waiting())
                        .noneMatch(sequence -> sequence.id().equals(oldest.id()) && sequence.isKnown());
            }
        }
    }
}
