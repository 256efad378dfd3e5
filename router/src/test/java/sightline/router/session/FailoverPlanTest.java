package sightline.router.session;

import static org.assertj.core.api.Assertions.assertThat;
import static sightline.router.session.DrivenSession.begin;
import static sightline.router.session.DrivenSession.decoding;
import static sightline.router.session.DrivenSession.decodingTwo;
import static sightline.router.session.DrivenSession.noReplica;
import static sightline.router.session.DrivenSession.placed;
import static sightline.router.session.SessionFixture.OTHER_REPLICA;
import static sightline.router.session.SessionFixture.PATIENT;
import static sightline.router.session.SessionFixture.REPLICA;
import static sightline.router.session.SessionFixture.choiceTokens;
import static sightline.router.session.SessionFixture.encoded;
import static sightline.router.session.SessionFixture.ended;
import static sightline.router.session.SessionFixture.prefilled;
import static sightline.router.session.SessionFixture.question;
import static sightline.router.session.SessionFixture.refused;
import static sightline.router.session.SessionFixture.several;
import static sightline.router.session.SessionFixture.ticket;
import static sightline.router.session.SessionFixture.tokens;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.router.fleet.EncodeJob;
import sightline.router.fleet.ReplicaNeed;
import sightline.router.text.DemoTokenizer;
import sightline.v1.GenerateResponse;
import sightline.wire.Failure;

/** What a session does when its replicas are lost, and how several answers share one. */
class FailoverPlanTest {
    private static final int[] TEXT = DemoTokenizer.encode("the red circle is there");
    private static final int END = SessionFixture.MODEL.config().generation().endIds().getFirst();

    @Test
    void aBrokenStreamGoesOnBehindItsTokensOnAnEqualReplica() {
        var session = decoding(question());
        session.on(tokens(0, TEXT[0], TEXT[1]), 2);
        var effects = session.on(new SessionEvent.ReplicaClosed(0, 0, "reset"), 3);
        assertThat(effects).containsExactly(new SessionEffect.ReportLost(REPLICA.id(), "reset"),
                new SessionEffect.CloseStream(0), new SessionEffect.FailOver(0, 1, 2, LossCause.BROKEN, "reset"),
                new SessionEffect.Place(0, new ReplicaNeed(SessionFixture.MODEL.digest(),
                        Optional.of("language-print"), 50, Optional.empty(), Set.of(REPLICA.id()))));
        var begin = begin(session.on(placed(0, OTHER_REPLICA), 3.1));
        assertThat(begin.getEpoch()).isEqualTo(1);
        assertThat(begin.getAnswerIdsList()).containsExactly(TEXT[0], TEXT[1]);
        session.on(prefilled(0, 1), 3.5);
        session.on(choiceTokens(0, 1, 2, TEXT[2], END), 4);
        session.on(ended(0, 1, 5), 4.1);
        assertThat(session.ids()).containsExactly(TEXT[0], TEXT[1], TEXT[2], END);
        assertThat(session.written()).filteredOn(GenerateResponse::hasStarted).hasSize(1);
        assertThat(session.written().getLast().getFinished().getTimeline().getFailovers()).isEqualTo(1);
        assertThat(session.state()).isInstanceOf(SessionState.Over.class);
    }

    @Test
    void whatTheLostReplicaStillSaysIsDroppedAndCounted() {
        var session = decoding(question());
        session.on(new SessionEvent.ReplicaClosed(0, 0, "reset"), 3);
        session.on(placed(0, OTHER_REPLICA), 3.1);
        assertThat(session.on(tokens(0, TEXT[3]), 3.2)).containsExactly(new SessionEffect.CountFenced(1));
        assertThat(session.on(new SessionEvent.ReplicaClosed(0, 0, "late"), 3.3)).isEmpty();
        session.on(prefilled(0, 1), 3.5);
        session.on(choiceTokens(0, 1, 0, TEXT[0]), 3.6);
        assertThat(session.ids()).containsExactly(TEXT[0]);
    }

    @Test
    void aSearchForAnEqualReplicaEndsWithItsTime() {
        var session = decoding(question());
        session.on(new SessionEvent.ReplicaClosed(0, 0, "reset"), 3);
        session.on(noReplica(), 3);
        assertThat(session.on(new SessionEvent.Tick(), 12.9)).singleElement().isInstanceOf(SessionEffect.Place.class);
        session.on(noReplica(), 13);
        assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.NoReplica.class));
    }

    @Test
    void picturesAreEncodedAgainByAnEqualNode() {
        var session = placedWithAPicture();
        session.on(prefilled(), 2);
        assertThat(session.count(SessionEffect.EndPictures.class)).isEqualTo(1);
        var effects = session.on(new SessionEvent.ReplicaClosed(0, 0, "reset"), 3);
        assertThat(effects).last()
                .isInstanceOfSatisfying(SessionEffect.EncodePictures.class,
                        encode -> assertThat(encode.fingerprint()).hasValue("vision-print"));
        session.on(new SessionEvent.OfVision(new EncodeJob.Answer.NoNode()), 4);
        assertThat(session.on(new SessionEvent.Tick(), 4.2)).singleElement()
                .isInstanceOf(SessionEffect.EncodePictures.class);
        session.on(encoded(0, ticket(9)), 5);
        assertThat(begin(session.on(placed(0, OTHER_REPLICA), 5)).getImagesCount()).isEqualTo(1);
    }

    @Test
    void picturesThatComeOutDifferentlyEndTheAnswer() {
        var session = placedWithAPicture();
        session.on(prefilled(), 2);
        session.on(new SessionEvent.ReplicaClosed(0, 0, "reset"), 3);
        var other = ticket(7).toBuilder();
        other.getTicketBuilder().setSha256(ByteString.copyFromUtf8("other"));
        session.on(encoded(0, other.build()), 4);
        assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.Diverged.class));
    }

    @Test
    void tokensThatCannotBeFetchedAreEncodedAgainAfterAPause() {
        var session = placedWithAPicture();
        assertThat(session.on(refused(new Failure.NotHeld("gone")), 1.1)).contains(new SessionEffect.EndPictures())
                .noneMatch(SessionEffect.ReportLost.class::isInstance);
        assertThat(session.on(new SessionEvent.Tick(), 1.3)).singleElement()
                .isInstanceOf(SessionEffect.EncodePictures.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFullReplicaIsTheAnswerToANewRequestAndAPauseForOneThatHasBegun(boolean begun) {
        var session = begun ? decoding(question()) : new DrivenSession(question(), PATIENT);
        var full = new Failure.Overloaded("full", Duration.ofSeconds(3));
        if (begun) {
            session.on(new SessionEvent.ReplicaClosed(0, 0, "reset"), 3);
            session.on(placed(0, OTHER_REPLICA), 3);
            session.on(refused(0, 1, full), 3);
            assertThat(session.failure()).isEmpty();
            assertThat(session.on(new SessionEvent.Tick(), 3.2)).singleElement()
                    .isInstanceOf(SessionEffect.Place.class);
        } else {
            session.prepared(0, 5, 0.1);
            session.on(placed(), 0.2);
            session.on(refused(full), 1);
            assertThat(session.failure()).hasValue(full);
        }
    }

    @Test
    void tokensBeforeThePromptWasReadLoseTheReplicaAndNeverReachTheClient() {
        var session = new DrivenSession(question(), PATIENT);
        session.prepared(0, 40, 0.1);
        session.on(placed(), 0.2);
        assertThat(session.on(tokens(0, TEXT[0]), 1)).first().isInstanceOf(SessionEffect.ReportLost.class);
        assertThat(session.written()).isEmpty();
    }

    @Test
    void noReplicaIsTriedForEverWithoutProgress() {
        var session = decoding(question());
        double at = 3;
        for (int epoch = 0; session.failure().isEmpty(); epoch++) {
            session.on(new SessionEvent.ReplicaClosed(0, epoch, "reset"), at);
            at += 0.25;
            session.on(new SessionEvent.Tick(), at);
            session.on(placed(0, epoch % 2 == 0 ? OTHER_REPLICA : REPLICA), at);
            assertThat(at).isLessThan(15);
        }
        assertThat(session.failure()).hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.NoReplica.class));
    }

    @Test
    void creditForAnotherAttemptCountsWhatStillWaitsForTheClient() {
        var session = decoding(question());
        session.on(new SessionEvent.ClientBusy(), 1.5);
        session.on(tokens(0, TEXT[0], TEXT[1], TEXT[2]), 2);
        session.on(new SessionEvent.ReplicaClosed(0, 0, "reset"), 3);
        assertThat(begin(session.on(placed(0, OTHER_REPLICA), 3)).getCredit()).isEqualTo(8 - 3);
    }

    @Test
    void anAnswerWithoutCreditIsSoughtAReplicaOnceTheClientHasRead() {
        var session = decoding(question());
        session.on(new SessionEvent.ClientBusy(), 1.5);
        session.on(tokens(0, TEXT[0], TEXT[1], TEXT[2], TEXT[0], TEXT[1], TEXT[2], TEXT[0], TEXT[1]), 2);
        long asked = session.count(SessionEffect.Place.class);
        session.on(new SessionEvent.ReplicaClosed(0, 0, "reset"), 3);
        session.tick(3, 20);
        assertThat(session.count(SessionEffect.Place.class)).isEqualTo(asked);
        session.on(new SessionEvent.ClientReady(), 20);
        session.tick(20, 20.25);
        assertThat(session.count(SessionEffect.Place.class)).isEqualTo(asked + 1);
        session.on(noReplica(), 21);
        session.tick(21, 21.25);
        assertThat(session.failure()).as("sought for a second").isEmpty();
        assertThat(begin(session.on(placed(0, OTHER_REPLICA), 21.5)).getCredit()).isEqualTo(8);
    }

    @Test
    void otherAnswersWaitForThePromptToBeReadAndGoWhereItWas() {
        var session = new DrivenSession(several(3), PATIENT);
        assertThat(session.prepared(0, 40, 0.1)).hasSize(1);
        session.on(placed(), 0.2);
        var sought = session.on(prefilled(), 1);
        assertThat(sought).filteredOn(SessionEffect.Place.class::isInstance)
                .map(SessionEffect.Place.class::cast)
                .allSatisfy(place -> assertThat(place.need().rather()).hasValue(REPLICA.id()))
                .extracting(SessionEffect.Place::choice)
                .containsExactly(1, 2);
        assertThat(begin(session.on(placed(2, REPLICA), 1)).getChoice()).isEqualTo(2);
        session.on(placed(1, REPLICA), 1);
        for (int choice : new int[]{2, 0, 1}) {
            if (choice > 0)
                session.on(prefilled(choice, 0), 2);
            session.on(choiceTokens(choice, 0, 0, TEXT[choice], END), 3);
            assertThat(session.state()).isInstanceOf(Answering.class);
            session.on(ended(choice, 0, 100 + choice), 4);
        }
        assertThat(session.state()).isInstanceOf(SessionState.Over.class);
        var finished = session.written().getLast().getFinished();
        assertThat(finished.getUsage().getCompletionTokens()).isEqualTo(6);
        assertThat(finished.getTimeline().getDecodeUs()).isEqualTo(102);
        assertThat(session.deltas()).allSatisfy(delta -> assertThat(delta.getTokenIdsList())
                .containsExactly(TEXT[delta.getChoice()], END));
        assertThat(session.written()).filteredOn(GenerateResponse::hasStarted).hasSize(1);
    }

    @Test
    void deltasOfAnAnswerAreJoinedAcrossThoseOfOthers() {
        var session = decodingTwo();
        session.on(new SessionEvent.ClientBusy(), 2);
        for (int i = 0; i < 3; i++)
            for (int choice = 0; choice < 2; choice++)
                session.on(choiceTokens(choice, 0, i, TEXT[i]), 2);
        session.on(new SessionEvent.ClientReady(), 3);
        assertThat(session.deltas()).hasSize(2)
                .allSatisfy(delta -> assertThat(delta.getTokenIdsList()).containsExactly(TEXT[0], TEXT[1], TEXT[2]));
    }

    private static DrivenSession placedWithAPicture() {
        var session = new DrivenSession(question(), PATIENT);
        session.prepared(1, 40, 0.1);
        session.on(encoded(0, ticket(7)), 1);
        session.on(placed(), 1);
        return session;
    }
}
