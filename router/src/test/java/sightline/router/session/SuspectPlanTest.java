package sightline.router.session;

import static org.assertj.core.api.Assertions.assertThat;
import static sightline.router.session.DrivenSession.begin;
import static sightline.router.session.DrivenSession.decoding;
import static sightline.router.session.DrivenSession.decodingTwo;
import static sightline.router.session.DrivenSession.placed;
import static sightline.router.session.SessionFixture.OTHER_REPLICA;
import static sightline.router.session.SessionFixture.PATIENT;
import static sightline.router.session.SessionFixture.REPLICA;
import static sightline.router.session.SessionFixture.choiceTokens;
import static sightline.router.session.SessionFixture.prefilled;
import static sightline.router.session.SessionFixture.question;
import static sightline.router.session.SessionFixture.refused;
import static sightline.router.session.SessionFixture.turn;

import java.util.List;
import org.junit.jupiter.api.Test;
import sightline.router.fleet.PeerFate;
import sightline.router.text.DemoTokenizer;
import sightline.wire.Failure;

/** Which answers may be why a process died, and when a request is blamed. */
class SuspectPlanTest {
    private static final int[] TEXT = DemoTokenizer.encode("the red circle is there");

    @Test
    void aRequestWhoseProcessDiesInItsTurnIsPoisonAndOneWhoseNeighbourDoesIsNot() {
        var session = onTrial();
        assertThat(session.on(new SessionEvent.Tick(), 3.8)).containsExactly(
                new SessionEffect.AskFate(0, OTHER_REPLICA.id()));
        session.on(new SessionEvent.OfFate(0, OTHER_REPLICA.id(), PeerFate.MISSING), 3.8);
        assertThat(session.failure()).isEmpty();
        assertThat(session.on(new SessionEvent.OfFate(0, OTHER_REPLICA.id(), PeerFate.GONE), 3.9)).containsExactly(
                new SessionEffect.AskFate(0, REPLICA.id()));
        assertThat(session.failure()).isEmpty();
        session.on(new SessionEvent.OfFate(0, REPLICA.id(), PeerFate.GONE), 4);
        assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.Poison.class));
    }

    @Test
    void aRequestWhoseFirstProcessOnlyLostItsStreamHasEndedOneAtMost() {
        var session = onTrial();
        session.on(new SessionEvent.OfFate(0, OTHER_REPLICA.id(), PeerFate.GONE), 3.9);
        session.on(new SessionEvent.OfFate(0, REPLICA.id(), PeerFate.BACK), 4);
        assertThat(places(session.on(new SessionEvent.Tick(), 4.1))).containsExactly(0);
        assertThat(begin(session.on(placed(0, REPLICA), 4.2)).getSuspect()).isTrue();
        session.on(turn(0, 3), 4.3);
        session.on(new SessionEvent.ReplicaClosed(0, 3, "reset"), 4.4);
        session.on(new SessionEvent.OfFate(0, REPLICA.id(), PeerFate.GONE), 4.5);
        assertThat(session.failure()).isEmpty();
        session.on(new SessionEvent.OfFate(0, OTHER_REPLICA.id(), PeerFate.GONE), 4.6);
        assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.Poison.class));
    }

    @Test
    void aProcessThatIsLostTwiceHasDiedOnceAtMost() {
        var session = decoding(question());
        session.on(new SessionEvent.ReplicaClosed(0, 0, "reset"), 3);
        session.on(placed(0, REPLICA), 3);
        session.on(turn(0, 1), 3.5);
        session.on(new SessionEvent.ReplicaClosed(0, 1, "reset"), 3.6);
        assertThat(places(session.on(new SessionEvent.Tick(), 3.8))).containsExactly(0);
    }

    @Test
    void aProcessThatStaysAwayIsTakenForDead() {
        var session = onTrial();
        double trial = PATIENT.trialTime().toMillis() / 1e3;
        for (int i = 0; i < 4; i++)
            session.on(new SessionEvent.Tick(), 3.7 + i / 4.0);
        session.on(new SessionEvent.OfFate(0, OTHER_REPLICA.id(), PeerFate.MISSING), 3.5 + trial);
        assertThat(session.failure()).isEmpty();
        session.on(new SessionEvent.OfFate(0, OTHER_REPLICA.id(), PeerFate.MISSING), 3.6 + trial);
        session.on(new SessionEvent.OfFate(0, REPLICA.id(), PeerFate.GONE), 3.7 + trial);
        assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.Poison.class));
    }

    @Test
    void aProcessThatIsBackWasNotEndedAndTheAnswerGoesOnAsASuspect() {
        var session = onTrial();
        session.on(new SessionEvent.OfFate(0, OTHER_REPLICA.id(), PeerFate.BACK), 3.9);
        assertThat(places(session.on(new SessionEvent.Tick(), 4))).containsExactly(0);
        assertThat(begin(session.on(placed(0, OTHER_REPLICA), 4)).getSuspect()).isTrue();
    }

    /** Its second process, OTHER_REPLICA, breaks off at 3.6 s, while it is computed alone. */
    private static DrivenSession onTrial() {
        var session = decoding(question());
        session.on(new SessionEvent.ReplicaClosed(0, 0, "reset"), 3);
        assertThat(begin(session.on(placed(0, OTHER_REPLICA), 3)).getSuspect()).isTrue();
        session.on(new SessionEvent.ReplicaClosed(0, 1, "the turn was another one's"), 3.1);
        session.on(new SessionEvent.Tick(), 3.3);
        session.on(placed(0, OTHER_REPLICA), 3.4);
        assertThat(session.on(turn(0, 2), 3.5)).containsExactly(new SessionEffect.TakeTurn(0));
        session.on(new SessionEvent.ReplicaClosed(0, 2, "reset"), 3.6);
        assertThat(session.failure()).isEmpty();
        return session;
    }

    @Test
    void aTurnEndsWithTheReplicaThatGaveIt() {
        var session = decoding(question());
        session.on(new SessionEvent.ReplicaClosed(0, 0, "reset"), 3);
        session.on(placed(0, OTHER_REPLICA), 3);
        session.on(turn(0, 1), 3.5);
        session.on(refused(0, 1, new Failure.Draining("going away")), 3.6);
        session.on(new SessionEvent.Tick(), 3.7);
        session.on(placed(0, REPLICA), 3.8);
        session.on(new SessionEvent.ReplicaClosed(0, 2, "the turn was another one's"), 4);
        assertThat(places(session.on(new SessionEvent.Tick(), 4.2))).containsExactly(0);
    }

    @Test
    void aSuspectThatHasATokenMoreIsNoneAnyLonger() {
        var session = decoding(question());
        session.on(new SessionEvent.ReplicaClosed(0, 0, "reset"), 3);
        session.on(placed(0, OTHER_REPLICA), 3);
        session.on(turn(0, 1), 3.5);
        session.on(prefilled(0, 1), 3.6);
        session.on(choiceTokens(0, 1, 0, TEXT[0]), 3.7);
        session.on(new SessionEvent.ReplicaClosed(0, 1, "reset"), 4);
        assertThat(session.failure()).isEmpty();
    }

    @Test
    void suspectsOfARequestAreSoughtAReplicaOneByOneTheLongestFirst() {
        var session = decodingTwo();
        session.on(choiceTokens(1, 0, 0, TEXT[0]), 2);
        assertThat(places(session.on(new SessionEvent.ReplicaClosed(0, 0, "reset"), 3))).isEmpty();
        assertThat(places(session.on(new SessionEvent.ReplicaClosed(1, 0, "reset"), 3))).containsExactly(1);
        session.on(placed(1, OTHER_REPLICA), 3.2);
        assertThat(places(session.on(new SessionEvent.Tick(), 3.4))).isEmpty();
        assertThat(places(session.on(prefilled(1, 1), 3.5))).isEmpty();
        assertThat(places(session.on(choiceTokens(1, 1, 1, TEXT[1]), 3.5))).as("at once").containsExactly(0);
    }

    @Test
    void aSuspectWhoseSiblingStaysOnItsReplicaIsSoughtAnotherOneAtTheNextTick() {
        var session = decodingTwo();
        assertThat(places(session.on(new SessionEvent.ReplicaClosed(0, 0, "reset"), 3))).isEmpty();
        assertThat(places(session.on(new SessionEvent.Tick(), 3.2))).containsExactly(0);
        assertThat(places(session.on(new SessionEvent.ReplicaClosed(1, 0, "reset"), 3.3))).isEmpty();
    }

    private static List<Integer> places(List<SessionEffect> effects) {
        return effects.stream()
                .filter(SessionEffect.Place.class::isInstance)
                .map(effect -> ((SessionEffect.Place) effect).choice())
                .toList();
    }
}
