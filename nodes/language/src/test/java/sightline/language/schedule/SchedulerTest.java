package sightline.language.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import sightline.language.schedule.Demand.ImageSpan;
import sightline.language.schedule.Demand.PromptShape;
import sightline.language.schedule.Effect.Admit;
import sightline.language.schedule.Effect.EndedBy;
import sightline.language.schedule.Effect.Finish;
import sightline.language.schedule.Effect.Keep;
import sightline.language.schedule.Effect.Refuse;
import sightline.language.schedule.Effect.Release;
import sightline.language.schedule.Effect.StepSoon;
import sightline.language.schedule.Effect.WakeAt;
import sightline.wire.Failure;

/** The rules one by one; {@link SchedulerPropertiesTest} holds what is true of every course of events. */
class SchedulerTest extends DrivenScheduler {
    @Test
    void aPromptIsReadTwoTilesAtATimeThenDecoded() {
        assertThat(arrive(1, 100, 2)).containsExactly(new Admit(id(1), 2, List.of()), new StepSoon());
        assertThat(due()).isEqualTo(prefill(1, 0, 64, false));
        assertThat(done()).containsExactly(new StepSoon());
        assertThat(due()).isEqualTo(prefill(1, 64, 100, true));
        assertThat(done(1)).containsExactly(new Keep(id(1), 0, 1), new StepSoon());
        assertThat(due()).isEqualTo(decode(1, 0));
        assertThat(done(1)).containsExactly(new Release(id(1)), new Finish(id(1), EndedBy.LENGTH));
        assertThat(state.sequencesRunning()).isZero();
        assertThat(state.kv().usedBlocks()).isZero();
        assertThat(state.kv().keptBlocks()).isEqualTo(1);
    }

    @Test
    void anEndTokenEndsTheAnswer() {
        arrive(1, 10, 5);
        due();
        assertThat(feed(new Event.StepDone(List.of(new Event.Sampled(id(1), true)))))
                .containsExactly(new Release(id(1)), new Finish(id(1), EndedBy.ITSELF));
    }

    @Test
    void oneTileOfAPromptIsReadBesideEveryDecode() {
        decoding(1, 50);
        arrive(2, 100, 5);
        for (int i = 0; i < 3; i++) {
            assertThat(due()).isEqualTo(new Step(decode(1, i).decodes(), prefill(2, 32 * i, 32 * (i + 1), false)
                    .prefills()));
            done(1);
        }
        assertThat(due()).isEqualTo(new Step(decode(1, 3).decodes(), prefill(2, 96, 100, true).prefills()));
    }

    @Test
    void tilesOfAStepGoToTheFirstPromptAndWhatIsLeftToTheNext() {
        arrive(1, 20, 5);
        arrive(2, 40, 5);
        assertThat(due()).isEqualTo(new Step(List.of(),
                List.of(new Step.Prefill(id(1), 0, 20, true), new Step.Prefill(id(2), 0, 32, false))));
    }

    @Test
    void priorityCountsAsTenSecondsOfWaiting() {
        arrive(1, BLOCK * 8, 1);
        nowNanos = SECOND_NANOS;
        arrive(demand(2, 10, 5, 0));
        nowNanos = 9 * SECOND_NANOS;
        assertThat(arrive(demand(3, 10, 5, 1))).containsExactly(
                new Refuse(id(2), new Failure.Overloaded("all places to wait are taken", Duration.ofSeconds(3))));
        nowNanos = 12 * SECOND_NANOS;
        assertThat(arrive(demand(4, 10, 5, 1))).as("came more than ten seconds later").hasSize(1);
        assertThat(state.waiting()).extracting(Sequence::id).containsExactly(id(3));
    }

    @Test
    void imagesAreAwaitedWithoutHoldingUpOthers() {
        var shape = new PromptShape(40, List.of(new ImageSpan(0, 30, true)), List.of());
        assertThat(arrive(new Demand(id(1), shape, 0, 3, 0, 0, 99 * SECOND_NANOS, 9, false)))
                .containsExactly(new Admit(id(1), 1, List.of()), new WakeAt(99 * SECOND_NANOS));
        arrive(2, 10, 1);
        assertThat(due()).isEqualTo(prefill(2, 0, 10, true));
        feed(new Event.Fetched(id(1), 0));
        done(2);
        assertThat(due()).isEqualTo(prefill(1, 0, 40, true));
    }

    @Test
    void wholeTilesBeforeARowThatIsNotHereAreRead() {
        var shape = new PromptShape(200,
                List.of(new ImageSpan(5, 40, true), new ImageSpan(70, 110, true), new ImageSpan(150, 190, true)),
                List.of());
        arrive(demand(1, shape, 1));
        assertThat(lacksRows(1)).isTrue();
        feed(new Event.Fetched(id(1), 2));
        assertThat(lacksRows(1)).isTrue();
        feed(new Event.Fetched(id(1), 0));
        assertThat(due()).isEqualTo(prefill(1, 0, 64, false));
        assertThat(lacksRows(1)).as("reads").isFalse();
        done();
        assertThat(lacksRows(1)).isTrue();
        arrive(2, 10, 1);
        assertThat(due()).isEqualTo(prefill(2, 0, 10, true));
        feed(new Event.Fetched(id(1), 1));
        done(2);
        assertThat(due()).isEqualTo(prefill(1, 64, 128, false));
        done();
        assertThat(due()).isEqualTo(prefill(1, 128, 192, false));
        done();
        assertThat(due()).isEqualTo(prefill(1, 192, 200, true));
    }

    @Test
    void whoWaitsForAnImageToBeEncodedGivesWayAndComesBack() {
        var late = List.of(new ImageSpan(5, 40, true), new ImageSpan(70, 110, false));
        arrive(demand(1, new PromptShape(200, late, List.of()), 1));
        feed(new Event.Fetched(id(1), 0));
        assertThat(due()).isEqualTo(prefill(1, 0, 64, false));
        done();
        assertThat(arrive(2, BLOCK * 7, 1)).startsWith(new Release(id(1)), new Admit(id(2), 7, List.of()));
        assertThat(arrive(demand(3, new PromptShape(BLOCK * 3, late, List.of()), 1)))
                .as("has no room, and keeps nobody from it")
                .isEmpty();
        finishPrompt(2);
        assertThat(state.running()).extracting(Sequence::id).containsExactly(id(3));
        var known = List.of(new ImageSpan(5, 40, true), new ImageSpan(70, 110, true));
        assertThat(feed(new Event.Known(id(1), new PromptShape(200, known, List.of()))))
                .contains(new Admit(id(1), 4, List.of()));
        feed(new Event.Fetched(id(1), 1));
        assertThat(due()).isEqualTo(prefill(1, 0, 64, false));
    }

    @Test
    void outOfCreditIsLeftOutAndCreditResumes() {
        arrive(1, 10, 9, 1);
        due();
        assertThat(done(1)).containsExactly(new WakeAt(30 * SECOND_NANOS));
        assertThat(feed(new Event.Credited(id(1), 1))).containsExactly(new StepSoon());
        assertThat(due()).isEqualTo(decode(1, 0));
    }

    @Test
    void withoutCreditForTooLongIsASlowClient() {
        arrive(1, 10, 9, 1);
        due();
        done(1);
        nowNanos = 30 * SECOND_NANOS;
        assertThat(feed(new Event.Woken())).hasSize(2)
                .startsWith(new Release(id(1)))
                .last()
                .isInstanceOfSatisfying(Refuse.class,
                        refuse -> assertThat(refuse.failure()).isInstanceOf(Failure.SlowClient.class));
        assertThat(state.kv().usedBlocks()).isZero();
    }

    @Test
    void aDeadlineIsCheckedBeforeWork() {
        arrive(1, 10, 9);
        nowNanos = 100 * SECOND_NANOS;
        assertThat(feed(new Event.StepDue())).hasSize(2)
                .last()
                .isInstanceOfSatisfying(Refuse.class,
                        refuse -> assertThat(refuse.failure()).isInstanceOf(Failure.Deadline.class));
    }

    @Test
    void lateResultsAreDroppedAndCounted() {
        arrive(1, 10, 9);
        due();
        feed(new Event.Withdrawn(id(1)));
        assertThat(done(1)).isEmpty();
        assertThat(feed(new Event.Fetched(id(1), 0))).isEmpty();
        assertThat(feed(new Event.Credited(id(1), 5))).isEmpty();
        assertThat(state.counts().late()).isEqualTo(2);
    }
}
