package sightline.router;

import static org.assertj.core.api.Assertions.assertThat;

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
import sightline.v1.GenerateResponse;
import sightline.v1.GetClusterRequest;
import sightline.v1.Resume;
import sightline.v1.ResumedChoice;
import sightline.v1.Started;
import sightline.wire.Failure;

/** Answers that go on where another node, or another router, left them. */
@Timeout(60)
class FailoverTest {
    private static final String PRINT = "print";
    private static final int END = DemoModel.config().generation().endIds().getFirst();
    private static final List<Integer> IDS = List.of(300, 301, 302, 303, 304, 305, END);
    private static final FakeLanguage.Manner ANSWER = new FakeLanguage.Manner.Say(IDS);

    private final FakeLanguage first = new FakeLanguage(ANSWER);
    private final FakeLanguage second = new FakeLanguage(ANSWER);
    private final FakeVision vision = new FakeVision("vision-1", new FakeVision.Manner.Encode());
    private final FakeNode firstNode = new FakeNode("language-1", PRINT, Role.ROLE_LANGUAGE, first);
    private final FakeNode secondNode = new FakeNode("language-2", PRINT, Role.ROLE_LANGUAGE, second);
    private final FakeNode visionNode = new FakeNode("vision-1", Role.ROLE_VISION, vision);
    private final TestRouter router = new TestRouter(Map.of("wait-for-replica", "10s"));

    @BeforeEach
    void serve() throws InterruptedException {
        router.knows(firstNode, secondNode, visionNode);
        router.awaitServing(true);
    }

    @AfterEach
    void stop() {
        router.close();
        List.of(firstNode, secondNode, visionNode).forEach(FakeNode::close);
    }

    @Test
    void anAnswerWhoseNodeDiesGoesOnOnAnotherBehindEveryToken() throws Exception {
        for (int said = 0; said < IDS.size() - 1; said++) {
            first.will(new FakeLanguage.Manner.SayThenHold(IDS.subList(0, said)));
            second.will(new FakeLanguage.Manner.SayThenHold(IDS.subList(0, said)));
            var call = Call.start(router.stub(), question());
            var replica = asked();
            call.awaitIds(said);
            first.will(ANSWER);
            second.will(ANSWER);
            (replica == first ? firstNode : secondNode).kill();
            assertThat(ids(call.answer())).as("died behind %s", said).isEqualTo(IDS);
            var resumed = (replica == first ? second : first).begins.poll();
            assertThat(resumed.getEpoch()).isEqualTo(1);
            assertThat(resumed.getAnswerIdsList()).isEqualTo(IDS.subList(0, said));
            (replica == first ? firstNode : secondNode).restart();
            awaitBothServing();
        }
    }

    @Test
    void aNodeThatFallsSilentIsLeftToo() throws Exception {
        first.will(new FakeLanguage.Manner.PlayDead());
        second.will(new FakeLanguage.Manner.PlayDead());
        var call = Call.start(router.stub(), question());
        asked();
        first.will(ANSWER);
        second.will(ANSWER);
        assertThat(ids(call.answer())).isEqualTo(IDS);
    }

    @Test
    void aDrainingNodeIsLeftWithoutALoss() throws Exception {
        first.will(new FakeLanguage.Manner.Refuse(new Failure.Draining("going away")));
        assertThat(ids(Call.start(router.stub(), question()).answer())).isEqualTo(IDS);
        assertThat(ids(Call.start(router.stub(), question()).answer())).isEqualTo(IDS);
    }

    @Test
    void anotherRouterGoesOnBehindEveryToken() throws Exception {
        var whole = Call.start(router.stub(), question()).answer();
        var started = whole.getFirst().getStarted();
        for (int received = 0; received <= IDS.size(); received++) {
            var rest = Call.start(router.stub(), resumed(started, IDS.subList(0, received))).answer();
            assertThat(rest.getFirst().getStarted().toBuilder().setRequestId(started.getRequestId()).build())
                    .isEqualTo(started);
            assertThat(ids(rest)).as("behind %s", received).isEqualTo(IDS.subList(received, IDS.size()));
            assertThat(rest.getLast().getFinished().getUsage().getCompletionTokens()).isEqualTo(IDS.size());
        }
    }

    @Test
    void anAnswerOfAnotherFingerprintOrModelIsNotGoneOnWith() throws Exception {
        var started = Call.start(router.stub(), question()).answer().getFirst().getStarted();
        var other = resumed(started.toBuilder().setModelDigest("other").build(), List.of());
        assertThat(Call.start(router.stub(), other).failure().reason()).hasValue("NO_EQUAL_REPLICA");
        var tooMany = Call.start(router.stub(), resumed(started, List.of(END, 300))).failure();
        assertThat(tooMany.reason()).hasValue("BAD_FIELD");
        assertThat(tooMany.fields()).containsExactly("resume.choices[0].token_ids");
        var unknown = Call.start(router.stub(), resumed(started, List.of(300, -1))).failure();
        assertThat(unknown.fields()).containsExactly("resume.choices[0].token_ids[1]");
    }

    @Test
    void severalAnswersShareAReplicaAndEachIsWhole() throws Exception {
        var request = question();
        request.getSamplingBuilder().setN(3);
        var answer = Call.start(router.stub(), request).answer();
        for (int choice = 0; choice < 3; choice++)
            assertThat(ids(answer, choice)).isEqualTo(IDS);
        assertThat(answer.getLast().getFinished().getUsage().getCompletionTokens()).isEqualTo(3 * IDS.size());
        assertThat(List.of(first.begins.size(), second.begins.size())).containsExactlyInAnyOrder(0, 3);
    }

    private FakeLanguage asked() throws InterruptedException {
        while (true) {
            for (var replica : List.of(first, second))
                if (replica.begins.poll(10, TimeUnit.MILLISECONDS) != null)
                    return replica;
        }
    }

    private void awaitBothServing() {
        router.await(
                () -> assertThat(router.blocking().getCluster(GetClusterRequest.getDefaultInstance()).getNodesList())
                        .filteredOn(node -> node.getState().equals("SERVING") && !node.getModel().isEmpty())
                        .hasSize(3));
    }

    private static GenerateRequest.Builder question() {
        return Requests.question("?");
    }

    private static GenerateRequest.Builder resumed(Started started, List<Integer> ids) {
        return question().setResume(Resume.newBuilder()
                .setModelDigest(started.getModelDigest())
                .setLanguageFingerprint(started.getLanguageFingerprint())
                .setSeed(started.getSeed())
                .addChoices(ResumedChoice.newBuilder().addAllTokenIds(ids)));
    }

    private static List<Integer> ids(List<GenerateResponse> answer) {
        return ids(answer, 0);
    }

    private static List<Integer> ids(List<GenerateResponse> answer, int choice) {
        return answer.stream()
                .filter(GenerateResponse::hasDelta)
                .map(GenerateResponse::getDelta)
                .filter(delta -> delta.getChoice() == choice)
                .flatMap(delta -> delta.getTokenIdsList().stream())
                .toList();
    }
}
