package sightline.language.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sightline.wire.Failure;

/** The rules one by one; {@link SchedulerPropertiesTest} holds what is true of every course of events. */
class SchedulerTest {
    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Limits LIMITS = new Limits(2, 1, 32, 2, Duration.ofSeconds(30), Duration.ofSeconds(3));

    private final Scheduler scheduler = new Scheduler(LIMITS);
    private SchedulerState state = SchedulerState.idle(KvLedger.empty(64, 8));
    private long nowNanos;

    @Test
    void aPromptIsReadTwoTilesAtATimeThenDecoded() {
        assertThat(arrive(1, 100, 2)).containsExactly(new Effect.Reserve(id(1), 2), new Effect.StepSoon());
        assertThat(due()).containsExactly(new Effect.Run(new Step.Prefill(id(1), 0, 64, false)));
        assertThat(done()).containsExactly(new Effect.StepSoon());
        assertThat(due()).containsExactly(new Effect.Run(new Step.Prefill(id(1), 64, 100, true)));
        assertThat(done(1)).containsExactly(new Effect.StepSoon());
        assertThat(due()).containsExactly(new Effect.Run(new Step.Decode(List.of(id(1)))));
        assertThat(done(1)).containsExactly(new Effect.Release(id(1)),
                new Effect.Finish(id(1), Effect.EndedBy.LENGTH));
        assertThat(state).isEqualTo(SchedulerState.idle(KvLedger.empty(64, 8)));
    }

    @Test
    void anEndTokenEndsTheAnswer() {
        arrive(1, 10, 5);
        due();
        assertThat(feed(new Event.StepDone(List.of(new Event.Sampled(id(1), true)))))
                .containsExactly(new Effect.Release(id(1)), new Effect.Finish(id(1), Effect.EndedBy.END_TOKEN));
    }

    @Test
    void prefillAndDecodeTakeTurns() {
        decoding(1, 50);
        arrive(2, 320, 5);
        var kinds = new ArrayList<Class<?>>();
        for (int i = 0; i < 6; i++) {
            var run = (Effect.Run) due().getFirst();
            kinds.add(run.step().getClass());
            done(run.step() instanceof Step.Decode ? new long[]{1} : new long[0]);
        }
        assertThat(kinds).containsExactly(Step.Decode.class, Step.Prefill.class, Step.Decode.class,
                Step.Prefill.class, Step.Decode.class, Step.Prefill.class);
    }

    @Test
    void nobodyOvertakesAHeadThatNeedsMuchKv() {
        arrive(1, 64 * 6, 1);
        assertThat(arrive(2, 64 * 6, 1)).isEmpty();
        assertThat(arrive(3, 10, 1)).containsExactly(new Effect.Refuse(id(3),
                new Failure.Overloaded("all places to wait are taken", Duration.ofSeconds(3))));
        assertThat(feed(new Event.Withdrawn(id(1)))).containsExactly(new Effect.Release(id(1)),
                new Effect.Reserve(id(2), 6));
    }

    @Test
    void imagesAreAwaitedWithoutHoldingUpOthers() {
        var awaiting = new Demand(id(1), 40, 3, true, 99 * SECOND_NANOS, 9);
        assertThat(feed(new Event.Arrived(awaiting))).containsExactly(new Effect.Reserve(id(1), 1),
                new Effect.WakeAt(99 * SECOND_NANOS));
        arrive(2, 10, 1);
        assertThat(due()).containsExactly(new Effect.Run(new Step.Prefill(id(2), 0, 10, true)));
        feed(new Event.Fetched(id(1)));
        done(2);
        assertThat(due()).containsExactly(new Effect.Run(new Step.Prefill(id(1), 0, 40, true)));
    }

    @Test
    void outOfCreditIsParkedAndCreditResumes() {
        arrive(1, 10, 9, 1);
        due();
        assertThat(done(1)).containsExactly(new Effect.WakeAt(30 * SECOND_NANOS));
        assertThat(feed(new Event.Credited(id(1), 1))).containsExactly(new Effect.StepSoon());
        assertThat(due()).containsExactly(new Effect.Run(new Step.Decode(List.of(id(1)))));
    }

    @Test
    void parkedForTooLongIsASlowClient() {
        arrive(1, 10, 9, 1);
        due();
        done(1);
        nowNanos = 30 * SECOND_NANOS;
        assertThat(feed(new Event.Woken())).hasSize(2)
                .startsWith(new Effect.Release(id(1)))
                .last()
                .isInstanceOfSatisfying(Effect.Refuse.class,
                        refuse -> assertThat(refuse.failure()).isInstanceOf(Failure.SlowClient.class));
        assertThat(state.kv().usedBlocks()).isZero();
    }

    @Test
    void aDeadlineIsCheckedBeforeWork() {
        arrive(1, 10, 9);
        nowNanos = 100 * SECOND_NANOS;
        assertThat(due()).hasSize(2)
                .last()
                .isInstanceOfSatisfying(Effect.Refuse.class,
                        refuse -> assertThat(refuse.failure()).isInstanceOf(Failure.Deadline.class));
    }

    @Test
    void lateResultsAreDroppedAndCounted() {
        arrive(1, 10, 9);
        due();
        feed(new Event.Withdrawn(id(1)));
        assertThat(done(1)).isEmpty();
        assertThat(feed(new Event.Fetched(id(1)))).isEmpty();
        assertThat(feed(new Event.Credited(id(1), 5))).isEmpty();
        assertThat(state.late()).isEqualTo(2);
    }

    private void decoding(long sequence, int maxNewTokens) {
        arrive(sequence, 10, maxNewTokens);
        due();
        done(sequence);
    }

    private List<Effect> arrive(long sequence, int promptTokens, int maxNewTokens) {
        return arrive(sequence, promptTokens, maxNewTokens, 1_000);
    }

    private List<Effect> arrive(long sequence, int promptTokens, int maxNewTokens, int credit) {
        return feed(new Event.Arrived(
                new Demand(id(sequence), promptTokens, maxNewTokens, false, 99 * SECOND_NANOS, credit)));
    }

    private List<Effect> due() {
        return feed(new Event.StepDue());
    }

    private List<Effect> done(long... sampled) {
        var tokens = java.util.Arrays.stream(sampled).mapToObj(s -> new Event.Sampled(id(s), false)).toList();
        return feed(new Event.StepDone(tokens));
    }

    private List<Effect> feed(Event event) {
        var transition = scheduler.transition(state, event, nowNanos);
        state = transition.state();
        return transition.effects();
    }

    private static SequenceId id(long value) {
        return new SequenceId(value);
    }
}
