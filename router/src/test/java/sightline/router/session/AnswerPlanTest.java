package sightline.router.session;

import static org.assertj.core.api.Assertions.assertThat;
import static sightline.router.session.DrivenSession.decoding;
import static sightline.router.session.DrivenSession.placed;
import static sightline.router.session.SessionFixture.RULES;
import static sightline.router.session.SessionFixture.beat;
import static sightline.router.session.SessionFixture.encoded;
import static sightline.router.session.SessionFixture.ended;
import static sightline.router.session.SessionFixture.prefilled;
import static sightline.router.session.SessionFixture.question;
import static sightline.router.session.SessionFixture.scoredToken;
import static sightline.router.session.SessionFixture.ticket;
import static sightline.router.session.SessionFixture.tokens;
import static sightline.router.session.SessionFixture.tokensOfEpoch;

import java.util.List;
import org.junit.jupiter.api.Test;
import sightline.router.text.DemoTokenizer;
import sightline.v1.ChoiceEnd;
import sightline.v1.FinishReason;
import sightline.wire.Failure;

/** What a session makes of its replica's words: the answer, its credit, its tokens. */
class AnswerPlanTest {
    private static final int[] TEXT = DemoTokenizer.encode("the red circle is there");
    private static final int END = SessionFixture.MODEL.config().generation().endIds().getFirst();

    @Test
    void anAnswerIsToldFromStartedToFinished() {
        var session = decoding(question(), 40);
        session.on(tokens(0, TEXT), 3);
        session.on(tokens(TEXT.length, END), 4);
        session.on(ended(1234), 4.5);
        var started = session.written().getFirst().getStarted();
        assertThat(started.getRequestId()).isEqualTo("r");
        assertThat(started.getLanguageFingerprint()).isEqualTo("language-print");
        assertThat(started.getPromptTokens()).isEqualTo(10);
        assertThat(session.text()).isEqualTo("the red circle is there");
        assertThat(session.end()).hasValue(
                ChoiceEnd.newBuilder().setReason(FinishReason.FINISH_REASON_STOP).setTokenId(END).build());
        var finished = session.written().getLast().getFinished();
        assertThat(finished.getUsage().getCompletionTokens()).isEqualTo(TEXT.length + 1);
        assertThat(finished.getUsage().getCachedPromptTokens()).isEqualTo(4);
        assertThat(finished.getTimeline().getFirstTokenUs()).isEqualTo(3_000_000);
        assertThat(finished.getTimeline().getDecodeUs()).isEqualTo(1234);
        assertThat(finished.getTimeline().getTotalUs()).isEqualTo(4_500_000);
        assertThat(session.all().getLast()).isInstanceOf(SessionEffect.Complete.class);
        assertThat(session.state()).isInstanceOf(SessionState.Over.class);
    }

    @Test
    void timesOfAllStagesAreTold() {
        var session = new DrivenSession(question(), RULES);
        session.prepared(2, 5, 0.1);
        session.on(encoded(1, ticket(9)), 0.5);
        session.on(encoded(0, ticket(7)), 1);
        session.on(placed(), 2);
        session.on(prefilled(), 3);
        session.on(tokens(0, END), 4);
        session.on(ended(0), 5);
        var timeline = session.written().getLast().getFinished().getTimeline();
        assertThat(timeline.getQueueUs()).isEqualTo(9 + 1);
        assertThat(timeline.getPreprocessUs()).isEqualTo(20);
        assertThat(timeline.getEncodeUs()).isEqualTo(200);
        assertThat(timeline.getHandoffUs()).isEqualTo(2);
        assertThat(timeline.getPrefillUs()).isEqualTo(3);
        assertThat(session.written().getFirst().getStarted().getVisionFingerprint()).isEqualTo("vision-print");
        assertThat(session.count(SessionEffect.EndPictures.class)).isEqualTo(1);
    }

    @Test
    void theLengthEndsAnAnswerAndWhatWasHeldBackIsShown() {
        int[] bytes = DemoTokenizer.encode("日");
        var session = decoding(question(), 2);
        session.on(tokens(0, bytes[0]), 2);
        assertThat(session.text()).isEmpty();
        session.on(tokens(1, bytes[1]), 3);
        assertThat(session.text()).isEqualTo("\uFFFD\uFFFD");
        assertThat(session.end().orElseThrow().getReason()).isEqualTo(FinishReason.FINISH_REASON_LENGTH);
    }

    @Test
    void aStopStringEndsTheAnswerAtItsTokenAndFreesTheReplicaAtOnce() {
        var request = question();
        request.getStoppingBuilder().addStop("circle");
        var session = decoding(request, 40);
        session.on(tokens(0, TEXT), 3);
        assertThat(session.text()).isEqualTo("the red ");
        assertThat(session.end()).hasValue(
                ChoiceEnd.newBuilder().setReason(FinishReason.FINISH_REASON_STOP).setStop("circle").build());
        assertThat(session.ids()).hasSizeLessThan(TEXT.length);
        assertThat(DemoTokenizer.decode(session.ids().stream().mapToInt(Integer::intValue).toArray()))
                .endsWith("circle");
        assertThat(session.all()).contains(new SessionEffect.CloseStream(0));
        assertThat(session.state()).isInstanceOf(SessionState.Over.class);
    }

    @Test
    void aStopStringIsTextUntilTheLeastLength() {
        var request = question();
        request.getStoppingBuilder().addStop("re").setMinNewTokens(TEXT.length);
        var session = decoding(request, 40);
        session.on(tokens(0, TEXT), 3);
        assertThat(session.text()).as("the last token completes the second one").isEqualTo("the red circle is the");
        assertThat(session.end().orElseThrow().getStop()).isEqualTo("re");
        assertThat(session.ids()).hasSize(TEXT.length);
    }

    @Test
    void ignoredEndTokensDoNotEndAnAnswerAndStopTokensDo() {
        var request = question();
        request.getStoppingBuilder().setIgnoreEos(true).addStopTokenIds(TEXT[2]).addStopTokenIds(-1);
        var session = decoding(request, 40);
        assertThat(SessionFixture.facts(request, RULES).endIds()).containsExactly(TEXT[2]);
        session.on(tokens(0, END, TEXT[0], TEXT[2]), 3);
        assertThat(session.end().orElseThrow().getTokenId()).isEqualTo(TEXT[2]);
    }

    @Test
    void whatTheClientDoesNotReadWaitsAndGrantsNoCredit() {
        var session = decoding(question(), 40);
        session.on(new SessionEvent.ClientBusy(), 2);
        assertThat(session.on(tokens(0, TEXT[0], TEXT[1]), 3)).isEmpty();
        assertThat(session.on(tokens(2, TEXT[2], TEXT[3]), 3)).isEmpty();
        var flushed = session.on(new SessionEvent.ClientReady(), 4);
        assertThat(flushed).hasSize(2);
        assertThat(flushed.getLast()).isEqualTo(new SessionEffect.Grant(0, 4));
        assertThat(session.deltas()).hasSize(1)
                .first()
                .satisfies(delta -> assertThat(delta.getTokenIdsList()).hasSize(4));
    }

    @Test
    void joinedDeltasKeepScoresInOrder() {
        var session = decoding(question(), 40);
        session.on(new SessionEvent.ClientBusy(), 2);
        session.on(scoredToken(0, TEXT[0], -0.5), 3);
        session.on(scoredToken(1, TEXT[1], -0.25), 3);
        session.on(new SessionEvent.ClientReady(), 4);
        assertThat(session.deltas().getFirst().getIndex()).isZero();
        assertThat(session.deltas().getFirst().getLogprobsList()).extracting(l -> l.getLogprob())
                .containsExactly(-0.5, -0.25);
    }

    @Test
    void creditIsGrantedForAllThatWasReadAndNoMore() {
        var session = decoding(question(), 40);
        for (int i = 0; i < 10; i++)
            session.on(tokens(i, TEXT[0]), 3);
        int granted = session.all()
                .stream()
                .filter(SessionEffect.Grant.class::isInstance)
                .mapToInt(effect -> ((SessionEffect.Grant) effect).tokens())
                .sum();
        assertThat(granted).isEqualTo(8);
    }

    @Test
    void aClientThatDoesNotReadForThirtySecondsIsGivenUp() {
        var session = decoding(question(), 40);
        session.on(new SessionEvent.ClientBusy(), 2);
        session.on(beat(1), 31);
        session.on(new SessionEvent.Tick(), 31.9);
        assertThat(session.failure()).isEmpty();
        session.on(tokens(0, TEXT[0]), 31.9);
        session.on(new SessionEvent.Tick(), 32.1);
        assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.SlowClient.class));
        assertThat(session.count(SessionEffect.FreeNodes.class)).isPositive();
    }

    @Test
    void aWholeAnswerStillWaitsForItsReader() {
        var session = decoding(question(), 40);
        session.on(new SessionEvent.ClientBusy(), 2);
        session.on(tokens(0, END), 3);
        session.on(ended(1), 3);
        assertThat(session.state()).isInstanceOf(SessionState.Delivering.class);
        assertThat(session.count(SessionEffect.FreeNodes.class)).isPositive();
        session.on(new SessionEvent.Tick(), 31);
        assertThat(session.state()).isInstanceOf(SessionState.Delivering.class);
        session.on(new SessionEvent.ClientReady(), 31.5);
        assertThat(session.all().getLast()).isInstanceOf(SessionEffect.Complete.class);
    }

    @Test
    void tokensOfAnotherEpochAreDroppedAndCounted() {
        var session = decoding(question(), 40);
        assertThat(session.on(tokensOfEpoch(1, 0, TEXT[0], TEXT[1]), 2))
                .containsExactly(new SessionEffect.CountFenced(2));
        assertThat(session.ids()).isEmpty();
    }

    @Test
    void equalDuplicatesAreDroppedAndUnequalOnesEndTheAnswer() {
        var session = decoding(question(), 40);
        session.on(tokens(0, TEXT[0], TEXT[1]), 2);
        session.on(tokens(1, TEXT[1], TEXT[2]), 2);
        assertThat(session.ids()).containsExactly(TEXT[0], TEXT[1], TEXT[2]);
        session.on(tokens(0, TEXT[3]), 2);
        assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.Diverged.class));
    }

    @Test
    void aGapOrAnEarlyEndLosesTheReplica() {
        for (var fault : List.of(tokens(1, TEXT[1]), tokens(-1, TEXT[1]), ended(0))) {
            var session = decoding(question(), 40);
            session.on(fault, 2);
            assertThat(session.failure()).isEmpty();
            assertThat(session.count(SessionEffect.ReportLost.class)).isEqualTo(1);
        }
    }
}
