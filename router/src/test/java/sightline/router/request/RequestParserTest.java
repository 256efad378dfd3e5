package sightline.router.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static sightline.router.request.Requests.conversation;
import static sightline.router.request.Requests.message;
import static sightline.router.request.Requests.picture;
import static sightline.router.request.Requests.prompt;
import static sightline.router.request.Requests.question;
import static sightline.router.request.Requests.text;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.model.GenerationDefaults;
import sightline.router.prompt.PromptInput;
import sightline.router.prompt.RequestRefused;
import sightline.router.prompt.Turn;
import sightline.v1.GenerateRequest;
import sightline.v1.Part;
import sightline.v1.Resume;
import sightline.v1.ResumedChoice;
import sightline.v1.Sampling;
import sightline.v1.Stopping;
import sightline.wire.Failure;

class RequestParserTest {
    private static final RequestLimits LIMITS = new RequestLimits(4, 1000, 100);
    private static final RequestParser PARSER = new RequestParser(LIMITS);

    /** Field, what the message says was got, request. */
    static Stream<Arguments> badFields() {
        var user = message("user", text("hi"));
        return Stream.of(Arguments.of("request_id", "129 characters", question("hi").setRequestId("x".repeat(129))),
                Arguments.of("input", "nothing", GenerateRequest.newBuilder()),
                Arguments.of("conversation.messages", "no message", conversation()),
                Arguments.of("conversation.messages[1].role", "\"assistant\"",
                        conversation(user, message("assistant", text("ho")))),
                Arguments.of("conversation.messages[0].role", "\"system\"", conversation(message("system", text("x")))),
                Arguments.of("conversation.messages[0].role", "\"tool\"",
                        conversation(message("tool", text("x")), user)),
                Arguments.of("conversation.messages[0].parts", "no part", conversation(message("user"))),
                Arguments.of("conversation.messages[0].parts[1]", "nothing",
                        conversation(message("user", text("x"), Part.getDefaultInstance()))),
                Arguments.of("conversation.messages[0].parts[0].image", "nothing",
                        conversation(message("user",
                                Part.newBuilder().setImage(sightline.v1.Image.getDefaultInstance()).build()))),
                Arguments.of("conversation.messages[0].parts[0].image.encoded", "1001 bytes",
                        conversation(message("user", picture(ByteString.copyFrom(new byte[1001]))))),
                Arguments.of("conversation.messages[0].parts[4].image", "one picture more",
                        conversation(message("user",
                                Collections.nCopies(5, picture(Requests.picture())).toArray(Part[]::new)))),
                Arguments.of("prompt.images[4]", "one picture more",
                        prompt("x", Collections.nCopies(5, Requests.picture()).toArray(ByteString[]::new))),
                Arguments.of("prompt.text", "101 bytes of text", prompt("x".repeat(101))),
                Arguments.of("conversation.messages[0].parts[1].text", "102 bytes of text",
                        conversation(message("user", text("é".repeat(50)), text("xx")))));
    }

    /** Field, what the message says was got, change to a good request. */
    static Stream<Arguments> badNumbers() {
        return Stream.of(sampling("temperature", "NaN", s -> s.setTemperature(Double.NaN)),
                sampling("temperature", "-0.5", s -> s.setTemperature(-0.5)),
                sampling("temperature", "Infinity", s -> s.setTemperature(Double.POSITIVE_INFINITY)),
                sampling("temperature", "100.5", s -> s.setTemperature(100.5)),
                sampling("top_k", "-5", s -> s.setTopK(-5)), sampling("top_p", "0.0", s -> s.setTopP(0)),
                sampling("top_p", "2.0", s -> s.setTopP(2)), sampling("top_p", "NaN", s -> s.setTopP(Double.NaN)),
                sampling("min_p", "-0.1", s -> s.setMinP(-0.1)), sampling("min_p", "1.5", s -> s.setMinP(1.5)),
                sampling("min_p", "NaN", s -> s.setMinP(Double.NaN)),
                sampling("repetition_penalty", "0.0", s -> s.setRepetitionPenalty(0)),
                sampling("repetition_penalty", "-1.0", s -> s.setRepetitionPenalty(-1)),
                sampling("repetition_penalty", "Infinity", s -> s.setRepetitionPenalty(Double.POSITIVE_INFINITY)),
                sampling("presence_penalty", "2.5", s -> s.setPresencePenalty(2.5)),
                sampling("presence_penalty", "NaN", s -> s.setPresencePenalty(Double.NaN)),
                sampling("frequency_penalty", "-2.5", s -> s.setFrequencyPenalty(-2.5)),
                sampling("logit_bias", "1025 entries",
                        s -> IntStream.range(0, 1025).forEach(i -> s.putLogitBias(i, 1))),
                sampling("logit_bias[4294967295]", "101.0", s -> s.putLogitBias(-1, 101)),
                sampling("logit_bias[5]", "NaN", s -> s.putLogitBias(5, Double.NaN)),
                stopping("max_new_tokens", "0", s -> s.setMaxNewTokens(0)),
                stopping("max_new_tokens", "-1", s -> s.setMaxNewTokens(-1)),
                stopping("max_new_tokens", "-2147483648", s -> s.setMaxNewTokens(Integer.MIN_VALUE)),
                stopping("min_new_tokens", "-1", s -> s.setMinNewTokens(-1)),
                stopping("min_new_tokens", "4", s -> s.setMaxNewTokens(3).setMinNewTokens(4)),
                stopping("min_new_tokens", "257", s -> s.setMinNewTokens(257)),
                stopping("stop", "17 strings", s -> s.addAllStop(Collections.nCopies(17, "x"))),
                stopping("stop", "100000 strings", s -> s.addAllStop(Collections.nCopies(100_000, "x"))),
                stopping("stop[1]", "0 characters", s -> s.addStop("x").addStop("")),
                stopping("stop[0]", "257 characters", s -> s.addStop("🦙".repeat(257))),
                stopping("stop_token_ids", "65 ids", s -> s.addAllStopTokenIds(Collections.nCopies(65, 1))),
                Arguments.of("stopping.stop", "stop strings with choices", change(r -> {
                    r.getSamplingBuilder().addChoices("yes");
                    r.getStoppingBuilder().addStop("x");
                })),
                Arguments.of("output.top_logprobs", "21", change(r -> r.getOutputBuilder().setTopLogprobs(21))),
                Arguments.of("output.top_logprobs", "-1", change(r -> r.getOutputBuilder().setTopLogprobs(-1))));
    }

    static Stream<Arguments> badResumes() {
        return Stream.of(resume("model_digest", "nothing", r -> r.clearModelDigest()),
                resume("language_fingerprint", "nothing", r -> r.clearLanguageFingerprint()),
                resume("vision_fingerprint", "one without pictures", r -> r.setVisionFingerprint("v")),
                resume("choices", "0 answers", r -> r.clearChoices()),
                resume("choices", "2 answers", r -> r.addChoices(ResumedChoice.getDefaultInstance())),
                Arguments.of("resume.seed", "18446744073709551615", change(r -> {
                    r.getSamplingBuilder().setSeed(3);
                    r.setResume(goodResume().setSeed(-1));
                })));
    }

    private static Arguments resume(String field, String got, Consumer<Resume.Builder> spoil) {
        var resume = goodResume();
        spoil.accept(resume);
        return Arguments.of("resume." + field, got, change(r -> r.setResume(resume)));
    }

    private static Resume.Builder goodResume() {
        return Resume.newBuilder()
                .setModelDigest("digest")
                .setLanguageFingerprint("print")
                .setSeed(3)
                .addChoices(ResumedChoice.newBuilder().addTokenIds(7));
    }

    @Test
    void aResumedAnswerIsTakenAsItIs() throws RequestRefused {
        var request = Requests.question("hi").setResume(goodResume());
        assertThat(PARSER.parse("", request.build()).resume())
                .hasValue(new ResumeWish("digest", "print", "", 3, List.of(List.of(7))));
    }

    static Stream<Arguments> badAnswers() {
        return Stream.of(
                sampling("choices", "65 strings", s -> s.addAllChoices(Collections.nCopies(65, "yes"))),
                sampling("choices[0]", "0 characters", s -> s.addChoices("")),
                sampling("choices[1]", "the same string again", s -> s.addChoices("yes").addChoices("yes")),
                sampling("n", "17", s -> s.setN(17)),
                sampling("n", "0", s -> s.setN(0)), sampling("n", "1000000000", s -> s.setN(1_000_000_000)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource({"badFields", "badNumbers", "badResumes", "badAnswers"})
    void refusesWithThePathAndWithWhatWasExpected(String field, String got, GenerateRequest.Builder request) {
        assertThat(refusal(request)).isInstanceOfSatisfying(Failure.BadField.class, failure -> {
            assertThat(failure.field()).isEqualTo(field);
            assertThat(failure.message()).startsWith(got + " (expected: ").endsWith(")");
        });
    }

    static Stream<Arguments> badPictures() {
        return Stream.of(Arguments.of("no byte", ByteString.EMPTY),
                Arguments.of("random bytes", ByteString.copyFrom(new byte[]{7, 1, 99, -3, 8})),
                Arguments.of("a page named .png", ByteString.copyFromUtf8("<html><body>no picture</body></html>")),
                Arguments.of("a header that ends early", Requests.picture().substring(0, 20)),
                Arguments.of("65,535 x 65,535", Requests.claimedPng(65_535, 65_535)),
                Arguments.of("a negative size", Requests.claimedPng(-1, 5)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badPictures")
    void refusesPicturesByTheirHeaders(String what, ByteString picture) {
        long start = System.nanoTime();
        var failure = refusal(conversation(message("user", picture(picture), text("?"))));
        assertThat(failure).as(what).isInstanceOf(Failure.BadImage.class);
        assertThat(failure.place()).hasValue("conversation.messages[0].parts[0].image");
        assertThat(failure.message()).contains("(expected: ")
                .doesNotContain("Exception", "java", "@");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(200));
    }

    @Test
    void takesEverythingAtItsLimit() throws RequestRefused {
        var request = prompt("x".repeat(100), Requests.picture()).setRequestId("🦙".repeat(128)).setModel("demo");
        request.getSamplingBuilder().setTemperature(100).setTopK(0).setTopP(1).setSeed(-1).setN(1);
        request.getStoppingBuilder()
                .setMaxNewTokens(Integer.MAX_VALUE)
                .setMinNewTokens(Integer.MAX_VALUE)
                .addAllStop(Collections.nCopies(16, "🦙".repeat(256)))
                .addAllStopTokenIds(Collections.nCopies(64, -1))
                .setIgnoreEos(true);
        request.getOutputBuilder().setTopLogprobs(20);
        var valid = PARSER.parse("", request.build());
        assertThat(valid.requestId()).hasSize(256);
        assertThat(valid.model()).isEqualTo(new ModelWish.Named("demo"));
        assertThat(valid.pictures())
                .containsExactly(new ValidRequest.Picture("prompt.images[0]", Requests.picture()));
        assertThat(valid.sampling().seed()).hasValue(-1);
        assertThat(valid.stopping().ignoreEos()).isTrue();
    }

    @Test
    void whatIsUnsetIsLeftToTheModelAndTheRouter() throws RequestRefused {
        var valid = PARSER.parse("", question("hi").build());
        assertThat(valid.requestId()).isNotEmpty();
        assertThat(valid.model()).isEqualTo(new ModelWish.TheOnlyOne());
        var defaults = new GenerationDefaults(0.7, 40, 0.9, 0.05, 1.2, List.of(1));
        assertThat(valid.sampling().resolve(defaults, 5))
                .isEqualTo(new SamplingWish.Resolved(0.7, 40, 0.9, 0.05, 5, AdjustmentWish.NONE.withRepetition(1.2)));
        assertThat(valid.stopping().maxNewTokens(1000)).isEqualTo(256);
        assertThat(valid.stopping().maxNewTokens(10)).isEqualTo(10);
    }

    @Test
    void whatIsSetToZeroIsSet() throws RequestRefused {
        var request = question("hi");
        request.getSamplingBuilder().setTemperature(0).setTopK(0).setMinP(0).setRepetitionPenalty(1).setSeed(0);
        var defaults = new GenerationDefaults(0.7, 40, 0.9, 0.05, 1.2, List.of(1));
        assertThat(PARSER.parse("", request.build()).sampling().resolve(defaults, 5))
                .isEqualTo(new SamplingWish.Resolved(0, 0, 0.9, 0, 0, AdjustmentWish.NONE));
    }

    @Test
    void keepsTheOrderOfPartsAndPictures() throws RequestRefused {
        var other = Requests.picture().concat(ByteString.copyFrom(new byte[]{0}));
        var valid = PARSER.parse("", conversation(message("user", text("a"), picture(Requests.picture())),
                message("assistant", text("b")), message("user", picture(other), text(""))).build());
        assertThat(valid.pictures()).containsExactly(
                new ValidRequest.Picture("conversation.messages[0].parts[1].image", Requests.picture()),
                new ValidRequest.Picture("conversation.messages[2].parts[0].image", other));
        assertThat(valid.input()).asInstanceOf(InstanceOfAssertFactories.type(PromptInput.Conversation.class))
                .extracting(PromptInput.Conversation::turns)
                .isEqualTo(List.of(
                        new Turn(Turn.Role.USER, List.of(new Turn.Part.Text("a"), new Turn.Part.Picture())),
                        new Turn(Turn.Role.ASSISTANT, List.of(new Turn.Part.Text("b"))),
                        new Turn(Turn.Role.USER, List.of(new Turn.Part.Picture(), new Turn.Part.Text("")))));
    }

    @Test
    void limitsHaveToMakeSense() {
        assertThatThrownBy(() -> new RequestLimits(4, 0, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Arguments sampling(String field, String got, Consumer<Sampling.Builder> change) {
        return Arguments.of("sampling." + field, got, change(request -> change.accept(request.getSamplingBuilder())));
    }

    private static Arguments stopping(String field, String got, Consumer<Stopping.Builder> change) {
        return Arguments.of("stopping." + field, got, change(request -> change.accept(request.getStoppingBuilder())));
    }

    private static GenerateRequest.Builder change(Consumer<GenerateRequest.Builder> change) {
        var request = question("hi");
        change.accept(request);
        return request;
    }

    private static Failure refusal(GenerateRequest.Builder request) {
        try {
            throw new AssertionError("not refused: " + PARSER.parse("", request.build()));
        } catch (RequestRefused e) {
            return e.failure();
        }
    }
}
