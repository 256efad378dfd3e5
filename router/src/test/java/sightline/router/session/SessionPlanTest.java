package sightline.router.session;

import static org.assertj.core.api.Assertions.assertThat;
import static sightline.router.session.SessionFixture.REPLICA;
import static sightline.router.session.SessionFixture.RULES;
import static sightline.router.session.SessionFixture.beat;
import static sightline.router.session.SessionFixture.ended;
import static sightline.router.session.SessionFixture.nanos;
import static sightline.router.session.SessionFixture.prefilled;
import static sightline.router.session.SessionFixture.prompt;
import static sightline.router.session.SessionFixture.question;
import static sightline.router.session.SessionFixture.said;
import static sightline.router.session.SessionFixture.scoredToken;
import static sightline.router.session.SessionFixture.ticket;
import static sightline.router.session.SessionFixture.tokens;
import static sightline.router.session.SessionFixture.tokensOfEpoch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.router.fleet.EncodeJob;
import sightline.router.fleet.LanguageDispatcher;
import sightline.router.text.DemoTokenizer;
import sightline.stage.v1.GenerateEvent;
import sightline.v1.ChoiceEnd;
import sightline.v1.Delta;
import sightline.v1.FinishReason;
import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.wire.Failure;
import sightline.wire.Refusals;

class SessionPlanTest {
    private static final int[] TEXT = DemoTokenizer.encode("the red circle is there");
    private static final int END = SessionFixture.MODEL.config().generation().endIds().getFirst();

    /** One session, driven by hand; keeps all that it decided. */
    private static final class Driven {
        private final SessionPlan plan;
        private SessionState state = new SessionState.Preparing();
        private final List<SessionEffect> all = new ArrayList<>();

        private Driven(GenerateRequest.Builder request, SessionRules rules) {
            plan = new SessionPlan(SessionFixture.facts(request, rules));
        }

        private List<SessionEffect> on(SessionEvent event, double seconds) {
            var transition = plan.on(state, event, nanos(seconds));
            state = transition.state();
            all.addAll(transition.effects());
            return transition.effects();
        }

        private List<GenerateResponse> written() {
            return all.stream()
                    .filter(SessionEffect.Write.class::isInstance)
                    .map(effect -> ((SessionEffect.Write) effect).response())
                    .toList();
        }

        private List<Delta> deltas() {
            return written().stream().filter(GenerateResponse::hasDelta).map(GenerateResponse::getDelta).toList();
        }

        private String text() {
            return deltas().stream().map(Delta::getText).collect(Collectors.joining());
        }

        private List<Integer> ids() {
            return deltas().stream().flatMap(delta -> delta.getTokenIdsList().stream()).toList();
        }

        private Optional<ChoiceEnd> end() {
            return deltas().stream().filter(Delta::hasEnd).map(Delta::getEnd).findFirst();
        }

        private Optional<Failure> failure() {
            return all.stream()
                    .filter(SessionEffect.Fail.class::isInstance)
                    .map(effect -> ((SessionEffect.Fail) effect).failure())
                    .findFirst();
        }

        private long count(Class<? extends SessionEffect> kind) {
            return all.stream().filter(kind::isInstance).count();
        }
    }

    private static Driven decoding(GenerateRequest.Builder request, int maxNewTokens) {
        var session = new Driven(request, RULES);
        session.on(new SessionEvent.Prepared(prompt(0, maxNewTokens)), 0.1);
        session.on(placed(), 0.2);
        session.on(prefilled(), 1);
        return session;
    }

    private static SessionEvent placed() {
        return new SessionEvent.OfPlacement(new LanguageDispatcher.Answer.Placed(REPLICA));
    }

    @Test
    void picturesAreEncodedBeforeAReplicaIsSought() {
        var session = new Driven(question(), RULES);
        var prepared = prompt(2, 5);
        assertThat(session.on(new SessionEvent.Prepared(prepared), 0.1))
                .containsExactly(new SessionEffect.EncodePictures(prepared));
        assertThat(
                session.on(new SessionEvent.OfVision(new EncodeJob.Answer.Tickets(List.of(ticket(7), ticket(9)))), 1))
                .containsExactly(new SessionEffect.Place(15));
        var opened = (SessionEffect.OpenStream) session.on(placed(), 2).getFirst();
        assertThat(opened.begin().getImagesList()).extracting(rows -> rows.getOffset() + "+" + rows.getCount())
                .containsExactly("2+2", "4+2");
        assertThat(opened.begin().getRemainingMillis()).isEqualTo(98_000);
        assertThat(opened.begin().getCredit()).isEqualTo(RULES.creditTokens());
        assertThat(opened.begin().getSampling().getSeed()).isEqualTo(5);
    }

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
        assertThat(session.all.getLast()).isInstanceOf(SessionEffect.Complete.class);
        assertThat(session.state).isInstanceOf(SessionState.Over.class);
    }

    @Test
    void timesOfAllStagesAreTold() {
        var session = new Driven(question(), RULES);
        session.on(new SessionEvent.Prepared(prompt(2, 5)), 0.1);
        session.on(new SessionEvent.OfVision(new EncodeJob.Answer.Tickets(List.of(ticket(7), ticket(9)))), 1);
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
        assertThat(session.count(SessionEffect.FreeNodes.class)).isPositive();
        assertThat(session.state).isInstanceOf(SessionState.Over.class);
    }

    @Test
    void ignoredEndTokensDoNotEndAnAnswerAndStopTokensDo() {
        var request = question();
        request.getStoppingBuilder().setIgnoreEos(true).addStopTokenIds(TEXT[2]).addStopTokenIds(-1);
        var session = decoding(request, 40);
        assertThat(new Messages(SessionFixture.facts(request, RULES)).endIds()).containsExactly(TEXT[2]);
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
        assertThat(flushed.getLast()).isEqualTo(new SessionEffect.Grant(4));
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
        int granted = session.all.stream()
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
        assertThat(session.state).isInstanceOf(SessionState.Delivering.class);
        assertThat(session.count(SessionEffect.FreeNodes.class)).isPositive();
        session.on(new SessionEvent.Tick(), 31);
        assertThat(session.state).isInstanceOf(SessionState.Delivering.class);
        session.on(new SessionEvent.ClientReady(), 31.5);
        assertThat(session.all.getLast()).isInstanceOf(SessionEffect.Complete.class);
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
            assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.NoReplica.class));
            assertThat(session.count(SessionEffect.ReportLost.class)).isEqualTo(1);
        }
    }

    @Test
    void aBrokenStreamEndsTheRequestAtOnce() {
        var session = decoding(question(), 40);
        assertThat(session.on(new SessionEvent.ReplicaClosed("reset"), 2)).containsExactly(
                new SessionEffect.ReportLost(REPLICA.id(), "reset"), new SessionEffect.FreeNodes(),
                new SessionEffect.Fail(new Failure.NoReplica("the language replica was lost, and no other can go on")));
    }

    @Test
    void aReplicaIsLostWhenItFallsSilentAndNotWhileItBeats() {
        var session = decoding(question(), 40);
        session.on(beat(1), 2.5);
        session.on(new SessionEvent.Tick(), 4.4);
        assertThat(session.failure()).isEmpty();
        session.on(new SessionEvent.Tick(), 4.6);
        assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.NoReplica.class));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReplicaThatOnlyBeatsIsLostUnlessItWaitsForTheClient(boolean clientReads) {
        var session = decoding(question(), 40);
        session.on(tokens(0, TEXT[0]), 2);
        if (!clientReads) {
            session.on(new SessionEvent.ClientBusy(), 2);
            session.on(tokens(1, TEXT[1]), 2);
        }
        for (double at = 2; at < 31.5; at++)
            session.on(beat(7), at);
        session.on(new SessionEvent.Tick(), 31.5);
        assertThat(session.failure()).isEmpty();
        if (clientReads) {
            IntStream.range(32, 65).forEach(at -> session.on(beat(7), at));
            session.on(new SessionEvent.Tick(), 65);
            assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.NoReplica.class));
        }
    }

    @Test
    void beatsGoOutTwiceASecond() {
        var session = decoding(question(), 40);
        for (double at = 1; at < 3; at += 0.25) {
            session.on(new SessionEvent.Tick(), at);
            session.on(beat((int) (at * 4)), at);
        }
        assertThat(session.count(SessionEffect.Beat.class)).isEqualTo(4);
    }

    @Test
    void aRefusalOfANodeIsTheClientsFailure() {
        var session = new Driven(question(), RULES);
        session.on(new SessionEvent.Prepared(prompt(0, 5)), 0.1);
        session.on(placed(), 0.2);
        var overloaded = new Failure.Overloaded("full", Duration.ofSeconds(3));
        session.on(said(GenerateEvent.newBuilder().setRefused(Refusals.toProto(0, overloaded))), 1);
        assertThat(session.failure()).hasValue(overloaded);
        assertThat(session.count(SessionEffect.ReportLost.class)).isZero();
    }

    @Test
    void theDeadlineEndsARequestWhereverItIs() {
        var session = decoding(question(), 40);
        session.on(beat(1), 99);
        assertThat(session.failure()).isEmpty();
        session.on(new SessionEvent.Tick(), SessionFixture.DEADLINE_SECONDS);
        assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.Deadline.class));
        assertThat(session.count(SessionEffect.FreeNodes.class)).isPositive();
    }

    @Test
    void whatComesAfterTheDeadlineStartsNoWork() {
        var session = new Driven(question(), RULES);
        session.on(new SessionEvent.Prepared(prompt(1, 5)), 200);
        assertThat(session.count(SessionEffect.EncodePictures.class)).isZero();
        assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.Deadline.class));
    }

    @Test
    void aClientThatGoesFreesEverythingAndLateWordsChangeNothing() {
        var session = decoding(question(), 40);
        assertThat(session.on(new SessionEvent.ClientGone(), 2)).contains(new SessionEffect.FreeNodes());
        assertThat(session.on(tokens(0, TEXT), 2)).isEmpty();
        assertThat(session.on(new SessionEvent.ReplicaClosed("late"), 2)).isEmpty();
    }

    @Test
    void withoutWaitingAMissingNodeIsTheAnswer() {
        var text = new Driven(question(), RULES);
        text.on(new SessionEvent.Prepared(prompt(0, 5)), 0.1);
        text.on(new SessionEvent.OfPlacement(new LanguageDispatcher.Answer.NoReplica()), 0.1);
        assertThat(text.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.NoReplica.class));
        var picture = new Driven(question(), RULES);
        picture.on(new SessionEvent.Prepared(prompt(1, 5)), 0.1);
        picture.on(new SessionEvent.OfVision(new EncodeJob.Answer.NoNode()), 0.1);
        assertThat(picture.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.NoReplica.class));
    }

    @Test
    void withWaitingAMissingNodeIsSoughtAgainUntilTheWaitIsOver() {
        var patient = new SessionRules(Duration.ofSeconds(10), 8, RULES.slowClientAfter(), RULES.silentAfter(),
                RULES.stalledAfter(), RULES.beatInterval());
        var session = new Driven(question(), patient);
        session.on(new SessionEvent.Prepared(prompt(1, 5)), 1);
        session.on(new SessionEvent.OfVision(new EncodeJob.Answer.NoNode()), 2);
        assertThat(session.on(new SessionEvent.Tick(), 2.2)).hasSize(1)
                .first()
                .isInstanceOf(SessionEffect.EncodePictures.class);
        session.on(new SessionEvent.OfVision(new EncodeJob.Answer.Tickets(List.of(ticket(1)))), 3);
        session.on(new SessionEvent.OfPlacement(new LanguageDispatcher.Answer.NoReplica()), 4);
        assertThat(session.on(new SessionEvent.Tick(), 12.9)).containsExactly(new SessionEffect.Place(15));
        session.on(new SessionEvent.OfPlacement(new LanguageDispatcher.Answer.NoReplica()), 13);
        assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.NoReplica.class));
    }
}
