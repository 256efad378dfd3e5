package sightline.router.session;

import static org.assertj.core.api.Assertions.assertThat;
import static sightline.router.session.DrivenSession.begin;
import static sightline.router.session.DrivenSession.placed;
import static sightline.router.session.SessionFixture.OTHER_REPLICA;
import static sightline.router.session.SessionFixture.PATIENT;
import static sightline.router.session.SessionFixture.beat;
import static sightline.router.session.SessionFixture.encoded;
import static sightline.router.session.SessionFixture.prefilled;
import static sightline.router.session.SessionFixture.question;
import static sightline.router.session.SessionFixture.refused;
import static sightline.router.session.SessionFixture.ticket;

import java.util.List;
import org.junit.jupiter.api.Test;
import sightline.router.fleet.EncodeJob;
import sightline.stage.v1.Begin;
import sightline.stage.v1.ImageRows;
import sightline.wire.Failure;

/** Requests whose pictures are encoded one after the other while a replica reads what is there. */
class LateTicketPlanTest {

    @Test
    void aStreamIsOpenedWithTheFirstTicketAndOthersFollow() {
        var session = new DrivenSession(question(), PATIENT);
        session.prepared(3, 40, 0.1);
        assertThat(session.on(encoded(2, ticket(9)), 1)).isEmpty();
        assertThat(session.on(encoded(0, ticket(7)), 1)).singleElement().isInstanceOf(SessionEffect.Place.class);
        assertThat(ticketed(begin(session.on(placed(), 1)))).containsExactly(true, false, true);
        assertThat(session.on(encoded(1, ticket(8)), 2)).containsExactly(sent(1, 8));
        assertThat(session.on(prefilled(), 3)).contains(new SessionEffect.EndPictures());
    }

    @Test
    void ticketsThatAreThereWhenTheStreamIsOpenedAreNotSentAgain() {
        var session = new DrivenSession(question(), PATIENT);
        session.prepared(2, 40, 0.1);
        session.on(encoded(0, ticket(7)), 1);
        assertThat(session.on(encoded(1, ticket(8)), 1)).isEmpty();
        assertThat(ticketed(begin(session.on(placed(), 1)))).containsExactly(true, true);
    }

    @Test
    void aReplicaThatWaitsForATicketOwesNoSteps() {
        var session = waiting();
        for (int at = 2; at < 90; at++)
            beatAndTick(session, at);
        assertThat(session.count(SessionEffect.ReportLost.class)).isZero();
        var impatient = waiting();
        impatient.on(encoded(1, ticket(8)), 20);
        for (int at = 20; at < 79; at++)
            beatAndTick(impatient, at);
        assertThat(impatient.count(SessionEffect.ReportLost.class)).isZero();
        for (int at = 79; at < 82; at++)
            beatAndTick(impatient, at);
        assertThat(impatient.count(SessionEffect.ReportLost.class)).isEqualTo(1);
    }

    private static void beatAndTick(DrivenSession session, int second) {
        session.on(beat(7), second);
        session.tick(second, second + 1);
    }

    @Test
    void anotherReplicaBeginsWithTheTicketsThatAreThere() {
        var session = waiting();
        session.on(refused(new Failure.Draining("going away")), 2);
        session.on(new SessionEvent.Tick(), 2.2);
        assertThat(ticketed(begin(session.on(placed(0, OTHER_REPLICA), 2.3)))).containsExactly(true, false);
        assertThat(session.on(encoded(1, ticket(8)), 3)).containsExactly(sent(1, 8));
    }

    @Test
    void aSuspectBeginsWithAllTickets() {
        var session = waiting();
        assertThat(session.on(new SessionEvent.ReplicaClosed(0, 0, "reset"), 2))
                .noneMatch(SessionEffect.Place.class::isInstance)
                .noneMatch(SessionEffect.EncodePictures.class::isInstance);
        assertThat(session.on(encoded(1, ticket(8)), 3)).singleElement().isInstanceOf(SessionEffect.Place.class);
        assertThat(ticketed(begin(session.on(placed(0, OTHER_REPLICA), 3)))).containsExactly(true, true);
    }

    @Test
    void aLatePictureThatIsRefusedEndsTheRequest() {
        var session = waiting();
        var bad = new Failure.BadImage("images[1]: no picture");
        assertThat(session.on(new SessionEvent.OfVision(new EncodeJob.Answer.Refused(bad)), 2))
                .containsExactly(new SessionEffect.FreeNodes(), new SessionEffect.Fail(bad));
    }

    @Test
    void whereALatePictureFindsNoNodeAllAreEncodedAnew() {
        var session = waiting();
        var effects = session.on(new SessionEvent.OfVision(new EncodeJob.Answer.NoNode()), 2);
        assertThat(effects).contains(new SessionEffect.CloseStream(0));
        assertThat(session.on(new SessionEvent.Tick(), 2.2)).singleElement()
                .isInstanceOfSatisfying(SessionEffect.EncodePictures.class,
                        encode -> assertThat(encode.fingerprint()).isEmpty());
        assertThat(session.on(encoded(0, ticket(7)), 3)).singleElement()
                .isInstanceOfSatisfying(SessionEffect.Place.class,
                        place -> assertThat(place.need().avoided()).as("what did nothing wrong").isEmpty());
        assertThat(begin(session.on(placed(0, OTHER_REPLICA), 3)).getEpoch()).isEqualTo(1);
    }

    @Test
    void picturesThatADepartingNodeWillNotHaveAreEncodedByAnother() {
        var session = new DrivenSession(question(), PATIENT);
        session.prepared(2, 40, 0.1);
        var departing = new Failure.NoReplica("no node could serve the request");
        session.on(new SessionEvent.OfVision(new EncodeJob.Answer.Refused(departing)), 1);
        assertThat(session.failure()).isEmpty();
        assertThat(session.on(new SessionEvent.Tick(), 1.2)).singleElement()
                .isInstanceOf(SessionEffect.EncodePictures.class);
    }

    @Test
    void anAnswerThatHasBegunKeepsItsReplicaWhileALatePictureFindsNoNode() {
        var session = waiting();
        session.on(encoded(1, ticket(8)), 2);
        session.on(prefilled(), 3);
        session.on(refused(new Failure.Draining("going away")), 4);
        session.on(new SessionEvent.Tick(), 4.2);
        session.on(encoded(0, ticket(7)), 5);
        session.on(placed(0, OTHER_REPLICA), 5);
        assertThat(session.on(new SessionEvent.OfVision(new EncodeJob.Answer.NoNode()), 5.1)).isEmpty();
        assertThat(session.on(new SessionEvent.Tick(), 5.2)).singleElement()
                .isInstanceOfSatisfying(SessionEffect.EncodePictures.class,
                        encode -> assertThat(encode.fingerprint()).hasValue("vision-print"));
        assertThat(session.on(encoded(0, ticket(7)), 6)).as("which it has").isEmpty();
        assertThat(session.on(encoded(1, ticket(8)), 6)).containsExactly(sent(1, 8));
    }

    @Test
    void ticketsThatGoWhileAReplicaIsSoughtAreAskedForAgain() {
        var session = new DrivenSession(question(), PATIENT);
        session.prepared(2, 40, 0.1);
        session.on(encoded(0, ticket(7)), 1);
        session.on(new SessionEvent.OfVision(new EncodeJob.Answer.NoNode()), 1);
        assertThat(session.on(placed(), 1)).singleElement().isInstanceOf(SessionEffect.EncodePictures.class);
    }

    /** On a replica from 1 s on, without the ticket of the second picture. */
    private static DrivenSession waiting() {
        var session = new DrivenSession(question(), PATIENT);
        session.prepared(2, 40, 0.1);
        session.on(encoded(0, ticket(7)), 1);
        session.on(placed(), 1);
        return session;
    }

    private static List<Boolean> ticketed(Begin begin) {
        return begin.getImagesList().stream().map(ImageRows::hasTicket).toList();
    }

    private static SessionEffect sent(int picture, int queueMicros) {
        return new SessionEffect.SendTicket(0, picture, ticket(queueMicros).getTicket());
    }
}
