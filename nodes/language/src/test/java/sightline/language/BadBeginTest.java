package sightline.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.stage.v1.Begin;
import sightline.stage.v1.GenerateCommand;
import sightline.wire.ElementType;
import sightline.wire.Endpoint;
import sightline.wire.Sha256;
import sightline.wire.TensorSpec;

/** Each of these is refused with its reason and field, before the model does anything; the next good one is served. */
class BadBeginTest {
    private static final Sha256 DIGEST = Sha256.of(new byte[]{1});
    private static final int IMAGE_TOKEN = 99;
    private static final ServedShape SERVED = new ServedShape(DIGEST, FakeRunner.VOCABULARY, 4, IMAGE_TOKEN, 2, 200);
    private static final Begins BEGINS = new Begins(SERVED);
    private static final Endpoint NOBODY = new Endpoint("nobody", 1);

    static Stream<Arguments> bad() {
        return Stream.of(
                bad("WRONG_MODEL", "", b -> b.setModelDigest(Sha256.of(new byte[]{2}).hex())),
                bad("BAD_FIELD", "request_id", b -> b.setRequestId("")),
                bad("BAD_FIELD", "request_id", b -> b.setRequestId("x".repeat(129))),
                bad("BAD_FIELD", "tenant", b -> b.setTenant("x".repeat(129))),
                bad("BAD_FIELD", "tenant", b -> b.setTenant("two words")),
                bad("BAD_FIELD", "epoch", b -> b.setEpoch(-1)),
                bad("BAD_FIELD", "choice", b -> b.setChoice(-1)),
                bad("BAD_FIELD", "choice", b -> b.setChoice(16)),
                bad("BAD_FIELD", "answer_ids", b -> b.addAllAnswerIds(Collections.nCopies(5, 1))),
                bad("BAD_FIELD", "answer_ids[1]", b -> b.addAnswerIds(1).addAnswerIds(FakeRunner.VOCABULARY)),
                bad("BAD_FIELD", "answer_ids", b -> {
                    b.addAnswerIds(1).addAnswerIds(2);
                    b.getStoppingBuilder().addEndIds(2);
                }),
                bad("BAD_FIELD", "credit", b -> b.setCredit(0)),
                bad("BAD_FIELD", "prompt_ids", b -> b.clearPromptIds()),
                bad("BAD_FIELD", "prompt_ids[1]", b -> b.setPromptIds(1, FakeRunner.VOCABULARY)),
                bad("BAD_FIELD", "prompt_ids[0]", b -> b.setPromptIds(0, -1)),
                bad("BAD_FIELD", "prompt_ids[1]", b -> b.setPromptIds(1, 5)),
                bad("BAD_FIELD", "prompt_ids[3]", b -> b.setPromptIds(3, IMAGE_TOKEN)),
                bad("PROMPT_TOO_LONG", "", b -> b.getStoppingBuilder().setMaxNewTokens(197)),
                bad("PROMPT_TOO_LONG", "", b -> b.getStoppingBuilder().setMaxNewTokens(Integer.MAX_VALUE)),
                bad("BAD_FIELD", "stopping.max_new_tokens", b -> b.getStoppingBuilder().setMaxNewTokens(0)),
                bad("BAD_FIELD", "stopping.min_new_tokens", b -> b.getStoppingBuilder().setMinNewTokens(-1)),
                bad("BAD_FIELD", "stopping.min_new_tokens", b -> b.getStoppingBuilder().setMinNewTokens(6)),
                bad("BAD_FIELD", "stopping.min_new_tokens",
                        b -> b.getStoppingBuilder()
                                .setMinNewTokens(1)
                                .addAllEndIds(IntStream.range(0, FakeRunner.VOCABULARY).boxed().toList())),
                bad("BAD_FIELD", "stopping.end_ids[0]", b -> b.getStoppingBuilder().addEndIds(-7)),
                bad("BAD_FIELD", "sampling.temperature", b -> b.getSamplingBuilder().setTemperature(Double.NaN)),
                bad("BAD_FIELD", "sampling.temperature", b -> b.getSamplingBuilder().setTemperature(-1)),
                bad("BAD_FIELD", "sampling.top_k", b -> b.getSamplingBuilder().setTopK(-5)),
                bad("BAD_FIELD", "sampling.top_p", b -> b.getSamplingBuilder().setTopP(0)),
                bad("BAD_FIELD", "sampling.top_p", b -> b.getSamplingBuilder().setTopP(Double.NaN)),
                bad("BAD_FIELD", "sampling.min_p", b -> b.getSamplingBuilder().setMinP(Double.NaN)),
                bad("BAD_FIELD", "sampling.repetition_penalty", b -> b.getSamplingBuilder().setRepetitionPenalty(-1)),
                bad("BAD_FIELD", "sampling.presence_penalty", b -> b.getSamplingBuilder().setPresencePenalty(3)),
                bad("BAD_FIELD", "sampling.frequency_penalty",
                        b -> b.getSamplingBuilder().setFrequencyPenalty(Double.NaN)),
                bad("BAD_FIELD", "sampling.logit_bias[4294967295]", b -> b.getSamplingBuilder().putLogitBias(-1, 1)),
                bad("BAD_FIELD", "sampling.logit_bias[0]", b -> b.getSamplingBuilder().putLogitBias(0, 101)),
                bad("BAD_FIELD", "top_logprobs", b -> b.setTopLogprobs(21)),
                bad("DEADLINE", "", b -> b.setRemainingMillis(0)),
                bad("BAD_FIELD", "images[0].count", b -> b.getImagesBuilder(0).setCount(3)),
                bad("BAD_FIELD", "images[0].offset", b -> b.getImagesBuilder(0).setOffset(-1)),
                bad("BAD_FIELD", "images[0].offset", b -> b.getImagesBuilder(0).setOffset(4)),
                bad("BAD_FIELD", "images[1].offset", b -> b.addImages(b.getImages(0))),
                bad("BAD_FIELD", "images[0].ticket.shape",
                        b -> b.getImagesBuilder(0).getTicketBuilder().setShape(1, 5)),
                bad("BAD_FIELD", "images[0].ticket.shape",
                        b -> b.getImagesBuilder(0).getTicketBuilder().addShape(1)),
                bad("BAD_FIELD", "images[0].ticket.dtype",
                        b -> b.getImagesBuilder(0).getTicketBuilder().setDtype("int8")),
                bad("BAD_FIELD", "images[0].ticket.sha256",
                        b -> b.getImagesBuilder(0).getTicketBuilder().setSha256(ByteString.copyFromUtf8("short"))),
                bad("BAD_FIELD", "images[0].ticket.image_key",
                        b -> b.getImagesBuilder(0).getTicketBuilder().clearImageKey()),
                bad("BAD_FIELD", "images[0].ticket.model_digest",
                        b -> b.getImagesBuilder(0).getTicketBuilder().setModelDigest("other")),
                bad("BAD_FIELD", "images[0].ticket.endpoints",
                        b -> b.getImagesBuilder(0).getTicketBuilder().clearEndpoints()),
                bad("BAD_FIELD", "images[0].ticket.endpoints",
                        b -> b.getImagesBuilder(0).getTicketBuilder().setEndpoints(0, "no port")),
                bad("BAD_FIELD", "images[0].ticket.endpoints",
                        b -> b.getImagesBuilder(0).getTicketBuilder().setEndpoints(0, "no_host:1")),
                bad("BAD_FIELD", "images[0].ticket.endpoints",
                        b -> b.getImagesBuilder(0).getTicketBuilder().addAllEndpoints(Collections.nCopies(8, "a:1"))),
                bad("BAD_FIELD", "stopping.end_ids",
                        b -> b.getStoppingBuilder().addAllEndIds(Collections.nCopies(1_025, 1))));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void isRefusedWithReasonAndField(String reason, String field, Consumer<Begin.Builder> spoil) {
        var runner = new FakeRunner();
        try (var node = new TestNode(TestNode.Options.ORDINARY, SERVED,
                () -> new Engine(runner, FakeRunner.VOCABULARY, 40))) {
            var begin = good();
            spoil.accept(begin);
            var refused = RouterStream.open(node.stub).begin(begin.build()).refused();
            assertThat(refused.getReason()).isEqualTo(reason);
            assertThat(refused.getField()).isEqualTo(field);
            assertThat(node.board.beat().getSteps()).isZero();
            RouterStream.open(node.stub).begin(BEGINS.text(3, 2).build()).ended();
        }
    }

    @ParameterizedTest
    @MethodSource("commandsOutOfPlace")
    void commandsOutOfPlaceEndTheStream(String reason, GenerateCommand command) {
        var runner = new FakeRunner();
        try (var node = new TestNode(TestNode.Options.ORDINARY, SERVED,
                () -> new Engine(runner, FakeRunner.VOCABULARY, 40))) {
            var stream = RouterStream.open(node.stub).begin(BEGINS.text(3, 90).setCredit(1).build());
            stream.send(command);
            assertThat(stream.refused().getReason()).isEqualTo(reason);
            Eventually.holds("all is free", runner.holders::isEmpty);
        }
    }

    static Stream<Arguments> commandsOutOfPlace() {
        var noCredit = GenerateCommand.newBuilder();
        noCredit.getCreditBuilder().setTokens(-1);
        return Stream.of(arguments("BAD_MESSAGE", GenerateCommand.getDefaultInstance()),
                arguments("BAD_FIELD", noCredit.build()),
                arguments("BAD_MESSAGE", GenerateCommand.newBuilder().setBegin(BEGINS.text(3, 2)).build()));
    }

    private static Arguments bad(String reason, String field, Consumer<Begin.Builder> spoil) {
        return arguments(reason, field, spoil);
    }

    /** Four positions, of which the middle two are an image. */
    private static Begin.Builder good() {
        var spec = new TensorSpec(List.of(2L, 4L), ElementType.FLOAT32, DIGEST);
        var ids = IntStream.of(1, IMAGE_TOKEN, IMAGE_TOKEN, 2).boxed().toList();
        return BEGINS.text(ids, 5).addImages(BEGINS.rows(1, BEGINS.ticket(spec, DIGEST, NOBODY)));
    }
}
