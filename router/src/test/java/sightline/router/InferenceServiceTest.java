package sightline.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.router.fleet.DemoModel;
import sightline.router.request.Requests;
import sightline.router.text.DemoTokenizer;
import sightline.stage.v1.ImageRows;
import sightline.stage.v1.Role;
import sightline.v1.FinishReason;
import sightline.v1.GetClusterRequest;
import sightline.v1.ListModelsRequest;

/** What a client gets from a router with one vision and one language node. */
@Timeout(60)
class InferenceServiceTest {
    private static final int END = DemoModel.config().generation().endIds().getFirst();
    private static final FakeLanguage LANGUAGE = new FakeLanguage(new FakeLanguage.Manner.Hold());
    private static final FakeVision VISION = new FakeVision("vision-1", new FakeVision.Manner.Encode());
    private static final FakeNode LANGUAGE_NODE = new FakeNode("language-1", Role.ROLE_LANGUAGE, LANGUAGE);
    private static final FakeNode VISION_NODE = new FakeNode("vision-1", Role.ROLE_VISION, VISION);
    private static final TestRouter ROUTER = new TestRouter(Map.of());

    @BeforeAll
    static void serve() throws InterruptedException {
        ROUTER.knows(LANGUAGE_NODE, VISION_NODE);
        ROUTER.awaitServing(true);
    }

    @AfterAll
    static void stop() {
        ROUTER.close();
        LANGUAGE_NODE.close();
        VISION_NODE.close();
    }

    @BeforeEach
    void listen() {
        LANGUAGE.begins.clear();
        VISION.asked.clear();
        VISION.released.clear();
        VISION.will(new FakeVision.Manner.Encode());
    }

    @Test
    void aQuestionIsAnsweredFromStartedToFinished() throws Exception {
        LANGUAGE.will(new FakeLanguage.Manner.Say(ids("the red circle")));
        var answer = Call.start(ROUTER.stub(), Requests.question("What is there?").setRequestId("q1")).answer();
        var started = answer.getFirst().getStarted();
        assertThat(started.getRequestId()).isEqualTo("q1");
        assertThat(started.getModel()).isEqualTo("demo");
        assertThat(started.getModelDigest()).isEqualTo(DemoModel.CARD.getDigest());
        assertThat(started.getLanguageFingerprint()).isEqualTo("language-1-print");
        var begin = LANGUAGE.begins.take();
        assertThat(begin.getPromptIdsList()).isEqualTo(boxed(DemoTokenizer
                .encode("<bos><start_of_turn>user\nWhat is there?<end_of_turn>\n<start_of_turn>model\n")));
        assertThat(started.getPromptTokens()).isEqualTo(begin.getPromptIdsCount());
        assertThat(started.getSeed()).isEqualTo(begin.getSampling().getSeed());
        var finished = answer.getLast().getFinished();
        assertThat(finished.getUsage().getPromptTokens()).isEqualTo(begin.getPromptIdsCount());
        assertThat(finished.getUsage().getCompletionTokens()).isEqualTo(ids("the red circle").size());
        assertThat(finished.getTimeline().getTotalUs()).isPositive();
        var last = answer.get(answer.size() - 2).getDelta();
        assertThat(last.getEnd().getReason()).isEqualTo(FinishReason.FINISH_REASON_STOP);
        assertThat(last.getEnd().getTokenId()).isEqualTo(END);
    }

    @Test
    void textAndIdsAreWholeAndInOrder() throws Exception {
        LANGUAGE.will(new FakeLanguage.Manner.Say(ids("Yes 🦙 日本 the circle. ")));
        var call = Call.start(ROUTER.stub(), Requests.question("?"));
        assertThat(call.text()).isEqualTo("Yes 🦙 日本 the circle. ");
        assertThat(call.ids()).isEqualTo(ids("Yes 🦙 日本 the circle. "));
        int next = 0;
        for (var response : call.answer()) {
            if (response.hasDelta()) {
                assertThat(response.getDelta().getIndex()).isEqualTo(next);
                next += response.getDelta().getTokenIdsCount();
            }
        }
    }

    @Test
    void anAnswerLongerThanTheCreditComesWhole() throws Exception {
        var ids = ids("the red circle is there and ".repeat(12));
        assertThat(ids).hasSizeGreaterThan(64);
        LANGUAGE.will(new FakeLanguage.Manner.Say(ids));
        var request = Requests.question("?");
        request.getStoppingBuilder().setMaxNewTokens(200);
        assertThat(Call.start(ROUTER.stub(), request).ids()).isEqualTo(ids);
    }

    @Test
    void aStopStringEndsTheAnswerAndItsSequence() throws Exception {
        LANGUAGE.will(new FakeLanguage.Manner.SayForEver(ids("the red circle is there ")));
        var request = Requests.question("?").setRequestId("stopped");
        request.getStoppingBuilder().addStop("circle is th");
        assertThat(Call.start(ROUTER.stub(), request).text()).isEqualTo("the red ");
        assertThat(LANGUAGE.cancelled.poll(10, TimeUnit.SECONDS)).isEqualTo("stopped");
    }

    @Test
    void picturesReachTheReplicaAsTicketsAndTheirLeasesGo() throws Exception {
        LANGUAGE.will(new FakeLanguage.Manner.Say(ids("a")));
        var picture = Requests.picture();
        var request = Requests
                .conversation(Requests.message("user", Requests.picture(picture), Requests.picture(picture),
                        Requests.text("Which?")));
        var answer = Call.start(ROUTER.stub(), request).answer();
        var begin = LANGUAGE.begins.take();
        int rows = DemoModel.config().tokensPerImage();
        assertThat(begin.getImagesList()).extracting(image -> image.getCount()).containsExactly(rows, rows);
        assertThat(begin.getImages(1).getOffset() - begin.getImages(0).getOffset()).isEqualTo(rows);
        assertThat(begin.getPromptIdsList()
                .subList(begin.getImages(0).getOffset(), begin.getImages(0).getOffset() + 2 * rows))
                .containsOnly(DemoModel.config().imageTokenId());
        var asked = VISION.asked.take();
        assertThat(asked.getEncoded()).isEqualTo(picture);
        assertThat(begin.getImages(0).getTicket().getImageKey()).isEqualTo(asked.getImageKey());
        assertThat(answer.getFirst().getStarted().getVisionFingerprint()).isEqualTo("vision-1-print");
        assertThat(answer.getFirst().getStarted().getImageTokens()).isEqualTo(2 * rows);
        assertThat(answer.getLast().getFinished().getTimeline().getEncodeUs()).isEqualTo(14);
        assertThat(List.of(VISION.released.take(), VISION.released.take())).doesNotHaveDuplicates();
        assertThat(VISION.leases).isEmpty();
    }

    @Test
    void aReplicaBeginsWithTheFirstPictureWhileOthersAreEncoded() throws Exception {
        LANGUAGE.will(new FakeLanguage.Manner.Say(ids("a")));
        LANGUAGE.tickets.clear(); // those of other tests' pictures
        var others = new CompletableFuture<Void>();
        VISION.will(new FakeVision.Manner.EncodeFirst(others));
        var request = Requests.conversation(Requests.message("user", Requests.picture(Requests.picture()),
                Requests.text("and"), Requests.picture(Requests.picture()), Requests.text("Which?")));
        var call = Call.start(ROUTER.stub(), request);
        var begin = LANGUAGE.begins.take();
        assertThat(begin.getImagesList()).extracting(ImageRows::hasTicket).containsExactly(true, false);
        assertThat(LANGUAGE.tickets).isEmpty();
        others.complete(null);
        var late = LANGUAGE.tickets.take();
        assertThat(late.getImage()).isEqualTo(1);
        assertThat(late.getTicket()).isEqualTo(begin.getImages(0).getTicket());
        assertThat(call.answer().getLast().getFinished().getTimeline().getEncodeUs()).isEqualTo(14);
        VISION.will(new FakeVision.Manner.Encode());
    }

    @Test
    void whatTheClientWantsReachesTheReplica() throws Exception {
        LANGUAGE.will(new FakeLanguage.Manner.Say(List.of(END, 300)));
        var request = Requests.prompt("the red");
        request.getSamplingBuilder().setTemperature(0.5).setTopK(7).setTopP(0.25).setSeed(42);
        request.getSamplingBuilder()
                .setMinP(0.125)
                .setRepetitionPenalty(1.5)
                .setPresencePenalty(0.5)
                .setFrequencyPenalty(-0.5)
                .putLogitBias(3, -1)
                .putLogitBias(-1, 7);
        request.getStoppingBuilder().setMaxNewTokens(9).addStopTokenIds(300).setIgnoreEos(true);
        request.getOutputBuilder().setTopLogprobs(3);
        assertThat(Call.start(ROUTER.stub(), request).ids()).containsExactly(END, 300);
        var begin = LANGUAGE.begins.take();
        assertThat(begin.getSampling().getTemperature()).isEqualTo(0.5);
        assertThat(begin.getSampling().getTopK()).isEqualTo(7);
        assertThat(begin.getSampling().getTopP()).isEqualTo(0.25);
        assertThat(begin.getSampling().getMinP()).isEqualTo(0.125);
        assertThat(begin.getSampling().getRepetitionPenalty()).isEqualTo(1.5);
        assertThat(begin.getSampling().getPresencePenalty()).isEqualTo(0.5);
        assertThat(begin.getSampling().getFrequencyPenalty()).isEqualTo(-0.5);
        assertThat(begin.getSampling().getLogitBiasMap()).as("of the vocabulary").isEqualTo(Map.of(3, -1.0));
        assertThat(begin.getSampling().getSeed()).isEqualTo(42);
        assertThat(begin.getStopping().getMaxNewTokens()).isEqualTo(9);
        assertThat(begin.getStopping().getEndIdsList()).containsExactly(300);
        assertThat(begin.getTopLogprobs()).isEqualTo(3);
        assertThat(begin.getRemainingMillis()).isBetween(290_000L, 300_000L);
        assertThat(begin.getPromptIdsList()).isEqualTo(boxed(DemoTokenizer.encode("<bos>the red")));
    }

    @Test
    void modelsAndNodesAreTold() {
        var models = ROUTER.blocking().listModels(ListModelsRequest.getDefaultInstance()).getModelsList();
        assertThat(models).hasSize(1).first().satisfies(model -> {
            assertThat(model.getName()).isEqualTo("demo");
            assertThat(model.getContextLength()).isEqualTo(FakeNode.CONTEXT);
            assertThat(model.getTokensPerImage()).isEqualTo(DemoModel.config().tokensPerImage());
            assertThat(model.getHasChatTemplate()).isTrue();
            assertThat(model.getTakesPicturesNow()).isTrue();
        });
        var nodes = ROUTER.blocking().getCluster(GetClusterRequest.getDefaultInstance()).getNodesList();
        assertThat(nodes).extracting(node -> node.getName() + " " + node.getRole() + " " + node.getState())
                .containsExactly("language-1 language SERVING", "vision-1 vision SERVING");
    }

    private static List<Integer> ids(String text) {
        var ids = new ArrayList<>(boxed(DemoTokenizer.encode(text)));
        ids.add(END);
        return ids;
    }

    private static List<Integer> boxed(int[] ids) {
        return Arrays.stream(ids).boxed().toList();
    }
}
