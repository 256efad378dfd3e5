package sightline.language.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import sightline.language.schedule.Effect.Grow;
import sightline.language.schedule.Effect.OfferTurn;
import sightline.language.schedule.Effect.Release;
import sightline.language.schedule.Effect.Run;
import sightline.language.schedule.Effect.StepSoon;

/** What begins beside a step that is under way, where two may be. */
class StepsUnderWayTest extends DrivenScheduler {
    StepsUnderWayTest() {
        super(new Limits(12, 1, 32, 2, 1, 8, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(3), 2));
    }

    @Test
    void theNextTilesOfAPromptFollowAtOnce() {
        arrive(1, 200, 1);
        assertThat(feed(new Event.StepDue())).containsExactly(new Run(prefill(1, 0, 64, false)), new StepSoon());
        assertThat(feed(new Event.StepDue())).as("no third one").containsExactly(new Run(prefill(1, 64, 128, false)));
        assertThat(feed(new Event.StepDue())).isEmpty();
        assertThat(done()).containsExactly(new StepSoon());
        assertThat(due()).isEqualTo(prefill(1, 128, 192, false));
    }

    @Test
    void whoWaitsForATokenIsLeftOut() {
        arrive(1, 10, 3);
        assertThat(feed(new Event.StepDue())).containsExactly(new Run(prefill(1, 0, 10, true)));
        assertThat(feed(new Event.StepDue())).isEmpty();
        assertThat(done(1)).containsExactly(new StepSoon());
        assertThat(feed(new Event.StepDue())).containsExactly(new Run(decode(1, 0)));
    }

    @Test
    void tokensThatAreReadAgainFollowAtOnce() {
        arrive(new Demand(id(1), shape(10, 0, 0), 12, 20, 0, 0, 99 * SECOND_NANOS, 99, false));
        assertThat(due()).isEqualTo(prefill(1, 0, 10, true));
        assertThat(due()).isEqualTo(decode(1, 0, 8));
        assertThat(done()).containsExactly(new StepSoon());
        assertThat(feed(new Event.StepDue())).containsExactly(new Run(decode(1, 8, 12)));
        done();
        assertThat(done(1)).containsExactly(new StepSoon());
        assertThat(due()).isEqualTo(decode(1, 12));
    }

    @Test
    void thoseThatDecodeAreSharedAndWhoHasWaitedLongestGoesFirst() {
        withoutCredit(5);
        LongStream.rangeClosed(1, 5).forEach(sequence -> feed(new Event.Credited(id(sequence), 9)));
        assertThat(decoding(due())).containsExactly(1L, 2L, 3L);
        assertThat(decoding(due())).containsExactly(4L, 5L);
        feed(new Event.Withdrawn(id(4)));
        done(1, 2, 3);
        assertThat(decoding(due())).containsExactly(1L, 2L);
        done(5);
        assertThat(decoding(due())).as("3 was passed over once").containsExactly(3L, 5L);
    }

    @Test
    void whoGetsCreditWaitsBehindThoseWhoWaitAlready() {
        withoutCredit(6);
        LongStream.rangeClosed(2, 6).forEach(sequence -> feed(new Event.Credited(id(sequence), 9)));
        assertThat(decoding(due())).containsExactly(2L, 3L, 4L);
        assertThat(decoding(due())).containsExactly(5L, 6L);
        done(2, 3, 4);
        feed(new Event.Credited(id(1), 9));
        assertThat(decoding(due())).containsExactly(2L, 3L, 4L);
        done(5, 6);
        assertThat(decoding(due())).containsExactly(1L, 5L, 6L);
    }

    @Test
    void oneTileOfAPromptIsReadBesideThoseThatDecodeUnderWay() {
        decoding(1, 50);
        arrive(2, 100, 5);
        assertThat(due()).isEqualTo(new Step(decode(1, 0).decodes(), prefill(2, 0, 32, false).prefills()));
        assertThat(due()).as("although nothing is decoded in it").isEqualTo(prefill(2, 32, 64, false));
    }

    @Test
    void nothingIsUnderWayBesideASuspect() {
        decoding(1, 50);
        assertThat(arrive(suspect(2, 200))).contains(new OfferTurn(id(2)));
        assertThat(due()).isEqualTo(decode(1, 0));
        feed(new Event.TurnTaken(id(2)));
        assertThat(feed(new Event.StepDue())).as("1 is under way").isEmpty();
        done(1);
        assertThat(due()).isEqualTo(prefill(2, 0, 64, false));
        assertThat(due()).isEqualTo(prefill(2, 64, 128, false));
        done();
        assertThat(due()).isEqualTo(prefill(2, 128, 192, false));
        assertThat(done()).as("1 has waited for three steps").isEmpty();
        assertThat(feed(new Event.StepDue())).as("2 is under way").isEmpty();
        assertThat(done()).containsExactly(new StepSoon());
        assertThat(due()).isEqualTo(decode(1, 1));
        assertThat(feed(new Event.StepDue())).as("1 is under way").isEmpty();
        done(1);
        assertThat(due()).isEqualTo(prefill(2, 192, 200, true));
    }

    @Test
    void othersShareNoStepsAsLongAsASuspectHasItsTurn() {
        withoutCredit(4);
        LongStream.rangeClosed(1, 4).forEach(sequence -> feed(new Event.Credited(id(sequence), 9)));
        arrive(suspect(5, 220));
        feed(new Event.TurnTaken(id(5)));
        for (int i = 0; i < 3; i++) {
            sampleAll(due());
        }
        assertThat(decoding(due())).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void aSuspectReadsAsMuchOfItsAnswerAgainInAStepAsOthersMayTogether() {
        arrive(new Demand(id(1), shape(10, 0, 0), 13, 20, nowNanos, 0, 99 * SECOND_NANOS, 9, true));
        feed(new Event.TurnTaken(id(1)));
        assertThat(due()).isEqualTo(prefill(1, 0, 10, true));
        done();
        assertThat(due()).as("twelve sequences run at most").isEqualTo(decode(1, 0, 12));
        assertThat(due()).isEqualTo(decode(1, 12, 13));
    }

    @Test
    void aSuspectThatIsGoneIsStillUnderWay() {
        decoding(1, 50);
        arrive(suspect(2, 100));
        feed(new Event.TurnTaken(id(2)));
        assertThat(due()).isEqualTo(prefill(2, 0, 64, false));
        assertThat(feed(new Event.Withdrawn(id(2)))).containsExactly(new Release(id(2)));
        assertThat(feed(new Event.StepDue())).isEmpty();
        assertThat(done()).containsExactly(new StepSoon());
        assertThat(due()).isEqualTo(decode(1, 0));
    }

    @Test
    void onlyWhoIsPartOfNoStepGivesItsBlocksBack() {
        arrive(demand(1, shape(190, 0, 1), 200));
        finishPrompt(1);
        arrive(demand(2, shape(190, 0, 2), 200));
        while (state.running().getLast().generated() == 0) {
            sampleAll(due());
        }
        var underWay = new ArrayList<>(List.of(due(), due()));
        var effects = new ArrayList<Effect>();
        while (!underWay.getFirst().equals(decode(1, 256 - 190 - 1))) {
            sampleAll(underWay.removeFirst());
            underWay.add(due());
        }
        sampleAll(underWay.removeFirst());
        assertThat(feed(new Event.StepDue())).as("2 is under way, and all blocks are taken").isEmpty();
        assertThat(done(2)).containsExactly(new StepSoon());
        assertThat(due(effects)).isEqualTo(decode(1, 256 - 190));
        assertThat(effects).contains(new Release(id(2)), new Grow(id(1), 5));
    }

    @Test
    void stepsEndInTheOrderInWhichTheyBegan() {
        arrive(1, 70, 5);
        assertThat(due()).isEqualTo(prefill(1, 0, 64, false));
        assertThat(due()).isEqualTo(prefill(1, 64, 70, true));
        done();
        assertThat(state.running().getFirst().phase()).isEqualTo(new Phase.Prefilling(64));
        done(1);
        assertThat(state.running().getFirst().phase()).isEqualTo(new Phase.Decoding(0));
        assertThatThrownBy(this::done).hasMessage("a step is over that never began");
    }

    /** Sequences from 1 on that have their first token and wait for credit. */
    private void withoutCredit(int sequences) {
        LongStream.rangeClosed(1, sequences).forEach(sequence -> arrive(sequence, 10, 50, 1));
        while (state.running().getLast().generated() == 0) {
            sampleAll(due());
        }
    }

    private Demand suspect(long sequence, int promptTokens) {
        return new Demand(id(sequence), shape(promptTokens, 0, 0), 0, 5, nowNanos, 0, 99 * SECOND_NANOS, 9, true);
    }

    private static Step decode(long sequence, int from, int to) {
        return new Step(List.of(new Step.Decode(id(sequence), from, to)), List.of());
    }

    private static List<Long> decoding(Step step) {
        return step.decodes().stream().map(decode -> decode.id().value()).toList();
    }
}
