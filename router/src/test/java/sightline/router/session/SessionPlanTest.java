package sightline.router.session;

import static org.assertj.core.api.Assertions.assertThat;
import static sightline.router.session.DrivenSession.decoding;
import static sightline.router.session.DrivenSession.noReplica;
import static sightline.router.session.DrivenSession.placed;
import static sightline.router.session.SessionFixture.RULES;
import static sightline.router.session.SessionFixture.beat;
import static sightline.router.session.SessionFixture.encoded;
import static sightline.router.session.SessionFixture.question;
import static sightline.router.session.SessionFixture.refused;
import static sightline.router.session.SessionFixture.ticket;
import static sightline.router.session.SessionFixture.tokens;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.router.fleet.EncodeJob;
import sightline.router.fleet.ReplicaNeed;
import sightline.router.text.DemoTokenizer;
import sightline.wire.Failure;

class SessionPlanTest {
    private static final int[] TEXT = DemoTokenizer.encode("the red circle is there");

    @Test
    void picturesAreEncodedBeforeAReplicaIsSought() {
        var session = new DrivenSession(question(), RULES);
        assertThat(session.prepared(2, 5, 0.1)).singleElement().isInstanceOf(SessionEffect.EncodePictures.class);
        assertThat(session.on(encoded(1, ticket(9)), 0.5)).isEmpty();
        assertThat(session.on(encoded(0, ticket(7)), 1)).containsExactly(anyReplica());
        var opened = (SessionEffect.OpenStream) session.on(placed(), 2).getFirst();
        assertThat(opened.begin().getImagesList()).extracting(rows -> rows.getOffset() + "+" + rows.getCount())
                .containsExactly("2+2", "4+2");
        assertThat(opened.begin().getRemainingMillis()).isEqualTo(98_000);
        assertThat(opened.begin().getCredit()).isEqualTo(RULES.creditTokens());
        assertThat(opened.begin().getSampling().getSeed()).isEqualTo(5);
    }

    private static SessionEffect anyReplica() {
        return new SessionEffect.Place(0,
                new ReplicaNeed(SessionFixture.MODEL.digest(), Optional.empty(), 15, Optional.empty(), Set.of()));
    }

    @Test
    void aReplicaIsLostWhenItFallsSilentAndNotWhileItBeats() {
        var session = decoding(question(), 40);
        session.tick(1, 2.5);
        session.on(beat(1), 2.5);
        session.tick(2.5, 4.5);
        assertThat(session.failure()).isEmpty();
        assertThat(session.count(SessionEffect.ReportLost.class)).isZero();
        session.tick(4.5, 4.6);
        assertThat(session.count(SessionEffect.ReportLost.class)).isEqualTo(1);
    }

    @Test
    void aRouterThatSleptDoesNotHoldItAgainstItsReplica() {
        var session = decoding(question(), 40);
        session.tick(1, 2.5);
        session.on(beat(1), 2.5);
        session.tick(70, 71.9);
        assertThat(session.count(SessionEffect.ReportLost.class)).isZero();
        session.tick(71.9, 72.6);
        assertThat(session.count(SessionEffect.ReportLost.class)).isEqualTo(1);
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
        IntStream.range(2, 31).forEach(at -> tickAndBeat(session, at));
        assertThat(session.count(SessionEffect.ReportLost.class)).isZero();
        if (clientReads) {
            IntStream.range(31, 65).forEach(at -> tickAndBeat(session, at));
            assertThat(session.count(SessionEffect.ReportLost.class)).isEqualTo(1);
        }
    }

    private static void tickAndBeat(DrivenSession session, int second) {
        session.on(beat(7), second);
        session.tick(second, second + 1);
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
        var session = new DrivenSession(question(), RULES);
        session.prepared(0, 5, 0.1);
        session.on(placed(), 0.2);
        var overloaded = new Failure.Overloaded("full", Duration.ofSeconds(3));
        session.on(refused(overloaded), 1);
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
        var session = new DrivenSession(question(), RULES);
        session.prepared(1, 5, 200);
        assertThat(session.count(SessionEffect.EncodePictures.class)).isZero();
        assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.Deadline.class));
    }

    @Test
    void aClientThatGoesFreesEverythingAndLateWordsChangeNothing() {
        var session = decoding(question(), 40);
        assertThat(session.on(new SessionEvent.ClientGone(), 2)).contains(new SessionEffect.FreeNodes());
        assertThat(session.on(tokens(0, TEXT), 2)).isEmpty();
        assertThat(session.on(new SessionEvent.ReplicaClosed(0, 0, "late"), 2)).isEmpty();
    }

    @Test
    void withoutWaitingAMissingNodeIsTheAnswer() {
        var text = new DrivenSession(question(), RULES);
        text.prepared(0, 5, 0.1);
        text.on(noReplica(), 0.1);
        assertThat(text.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.NoReplica.class));
        var picture = new DrivenSession(question(), RULES);
        picture.prepared(1, 5, 0.1);
        picture.on(new SessionEvent.OfVision(new EncodeJob.Answer.NoNode()), 0.1);
        assertThat(picture.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.NoReplica.class));
    }

    @Test
    void withWaitingAMissingNodeIsSoughtAgainUntilTheWaitIsOver() {
        var patient = new SessionRules(Duration.ofSeconds(10), 8, RULES.slowClientAfter(), RULES.silentAfter(),
                RULES.stalledAfter(), RULES.beatInterval());
        var session = new DrivenSession(question(), patient);
        session.prepared(1, 5, 1);
        session.on(new SessionEvent.OfVision(new EncodeJob.Answer.NoNode()), 2);
        assertThat(session.on(new SessionEvent.Tick(), 2.2)).hasSize(1)
                .first()
                .isInstanceOf(SessionEffect.EncodePictures.class);
        session.on(encoded(0, ticket(1)), 3);
        session.on(noReplica(), 4);
        assertThat(session.on(new SessionEvent.Tick(), 12.9)).containsExactly(anyReplica());
        session.on(noReplica(), 13);
        assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.NoReplica.class));
    }
}
