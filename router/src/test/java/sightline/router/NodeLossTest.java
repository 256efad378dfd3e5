package sightline.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.router.fleet.DemoModel;
import sightline.router.request.Requests;
import sightline.stage.v1.Role;
import sightline.v1.GenerateRequest;
import sightline.v1.GetClusterRequest;
import sightline.v1.ListModelsRequest;
import sightline.v1.Model;
import sightline.wire.Failure;

/** Nodes that die, fall silent, refuse and come back. */
@Timeout(60)
class NodeLossTest {
    private static final Duration BOUND = Duration.ofSeconds(2);
    private static final FakeLanguage.Manner SHORT_ANSWER = new FakeLanguage.Manner.Say(
            DemoModel.config().generation().endIds().subList(0, 1));

    private final FakeLanguage language = new FakeLanguage(new FakeLanguage.Manner.Hold());
    private final FakeVision vision = new FakeVision("vision-1", new FakeVision.Manner.Encode());
    private final FakeVision otherVision = new FakeVision("vision-2", new FakeVision.Manner.Encode());
    private final FakeNode languageNode = new FakeNode("language-1", Role.ROLE_LANGUAGE, language);
    private final FakeNode visionNode = new FakeNode("vision-1", Role.ROLE_VISION, vision);
    private final FakeNode otherVisionNode = new FakeNode("vision-2", Role.ROLE_VISION, otherVision);
    private final TestRouter router = new TestRouter(Map.of());

    @BeforeEach
    void serve() throws InterruptedException {
        router.knows(languageNode, visionNode);
        router.awaitServing(true);
    }

    @AfterEach
    void stop() {
        router.close();
        List.of(languageNode, visionNode, otherVisionNode).forEach(FakeNode::close);
    }

    @Test
    void languageNodeKilledMidStreamEndsTheRequestAndIsUsedAgainOnceRestarted() throws Exception {
        language.will(new FakeLanguage.Manner.SayForEver(List.of(300)));
        var call = Call.startWithoutReading(router.stub(), Requests.question("?"));
        assertThat(call.next().hasStarted()).isTrue();
        languageNode.kill();
        var start = System.nanoTime();
        call.read(1000);
        var received = call.failure();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND);
        assertThat(received.status()).isEqualTo("UNAVAILABLE");
        assertThat(received.reason()).hasValue("NO_REPLICA");
        assertThat(received.retryAfter()).isPresent();
        router.awaitServing(false);
        assertThat(Call.start(router.stub(), Requests.question("?")).failure().reason()).hasValue("NO_REPLICA");
        language.will(SHORT_ANSWER);
        languageNode.restart();
        router.awaitServing(true);
        assertThat(Call.start(router.stub(), Requests.question("?")).answer()).isNotEmpty();
    }

    @Test
    void languageNodeThatFallsSilentIsLostWithinTheBound() throws Exception {
        language.will(new FakeLanguage.Manner.PlayDead());
        var start = System.nanoTime();
        var received = Call.start(router.stub(), Requests.question("?")).failure();
        assertThat(received.reason()).hasValue("NO_REPLICA");
        // The only one there is, it may have been asked twice.
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND.multipliedBy(2));
        // It does describe itself, so it is given another chance. What was told before the loss must not count as that.
        language.will(SHORT_ANSWER);
        for (int lost = language.begins.size(); lost > 0; lost--) {
            router.awaitServing(false);
            router.awaitServing(true);
        }
        assertThat(Call.start(router.stub(), Requests.question("?")).answer()).isNotEmpty();
    }

    @Test
    void picturesOfAVisionNodeKilledDuringEncodeGoToAnotherOne() throws Exception {
        vision.will(new FakeVision.Manner.Hold());
        language.will(SHORT_ANSWER);
        var call = Call.start(router.stub(), aboutAPicture());
        assertThat(vision.asked.poll(10, TimeUnit.SECONDS)).isNotNull();
        assertThat(router.metric("sightline_requests_waiting")).isOne();
        router.knows(languageNode, visionNode, otherVisionNode);
        awaitNodes(3);
        visionNode.kill();
        assertThat(call.answer().getFirst().getStarted().getVisionFingerprint()).isEqualTo("vision-2-print");
        assertThat(otherVision.asked).hasSize(1);
        router.await(() -> assertThat(router.metric("sightline_requests_waiting")).isZero());
    }

    @Test
    void theOnlyVisionNodeKilledDuringEncodeEndsTheRequest() throws Exception {
        vision.will(new FakeVision.Manner.Hold());
        var call = Call.start(router.stub(), aboutAPicture());
        assertThat(vision.asked.poll(10, TimeUnit.SECONDS)).isNotNull();
        visionNode.kill();
        var start = System.nanoTime();
        assertThat(call.failure().reason()).hasValue("NO_REPLICA");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND);
        language.will(SHORT_ANSWER);
        assertThat(Call.start(router.stub(), Requests.question("text needs no vision node")).answer()).isNotEmpty();
        vision.will(new FakeVision.Manner.Encode());
        visionNode.restart();
        awaitPicturesTaken();
        assertThat(Call.start(router.stub(), aboutAPicture()).answer()).isNotEmpty();
    }

    @Test
    void withoutAVisionNodeOnlyPicturesAreRefused() throws Exception {
        router.knows(languageNode);
        awaitNodes(1);
        language.will(SHORT_ANSWER);
        assertThat(Call.start(router.stub(), aboutAPicture()).failure().reason()).hasValue("NO_REPLICA");
        assertThat(Call.start(router.stub(), Requests.question("?")).answer()).isNotEmpty();
    }

    @Test
    void aPictureThatCannotBeReadIsRefusedByItsPath() throws Exception {
        vision.will(new FakeVision.Manner.Refuse(new Failure.BadImage("cut off (expected: a whole file)")));
        var received = Call.start(router.stub(), aboutAPicture()).failure();
        assertThat(received.reason()).hasValue("BAD_IMAGE");
        assertThat(received.status()).isEqualTo("INVALID_ARGUMENT");
        assertThat(received.fields()).containsExactly("conversation.messages[0].parts[0].image");
        assertThat(received.message())
                .isEqualTo("conversation.messages[0].parts[0].image: cut off (expected: a whole file)");
    }

    @Test
    void aPictureAtWhichTheEncoderThrowsIsNamedToo() throws Exception {
        vision.will(new FakeVision.Manner.Refuse(new Failure.Bug("what the node calls it")));
        var received = Call.start(router.stub(), aboutAPicture().setRequestId("q7")).failure();
        assertThat(received.reason()).hasValue("BUG");
        assertThat(received.status()).isEqualTo("INTERNAL");
        assertThat(received.message())
                .isEqualTo("conversation.messages[0].parts[0].image: internal error, request q7");
    }

    @Test
    void aFullLanguageNodeIsOverloadWithATimeToRetryAfter() throws Exception {
        language.will(new FakeLanguage.Manner.Refuse(new Failure.Overloaded("full", Duration.ofSeconds(3))));
        var received = Call.start(router.stub(), Requests.question("?")).failure();
        assertThat(received.status()).isEqualTo("UNAVAILABLE");
        assertThat(received.reason()).hasValue("OVERLOADED");
        assertThat(received.retryAfter()).hasValue(Duration.ofSeconds(3));
    }

    private static GenerateRequest.Builder aboutAPicture() {
        return Requests.conversation(
                Requests.message("user", Requests.picture(Requests.picture()), Requests.text("What is there?")));
    }

    private void awaitNodes(int number) {
        router.await(
                () -> assertThat(router.blocking().getCluster(GetClusterRequest.getDefaultInstance()).getNodesList())
                        .filteredOn(node -> node.getState().equals("SERVING") && !node.getModel().isEmpty())
                        .hasSize(number));
    }

    private void awaitPicturesTaken() {
        router.await(
                () -> assertThat(router.blocking().listModels(ListModelsRequest.getDefaultInstance()).getModelsList())
                        .allMatch(Model::getTakesPicturesNow));
    }
}
