package sightline.deploy.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import sightline.client.Answer;
import sightline.v1.ChoiceEnd;
import sightline.v1.FinishReason;
import sightline.v1.Finished;
import sightline.v1.Started;
import sightline.v1.Timeline;
import sightline.v1.TokenLogprobs;
import sightline.v1.TopLogprob;
import sightline.v1.Usage;
import sightline.wire.Received;

class AnswerJsonTest {
    private static final ChoiceEnd END_TOKEN = ChoiceEnd.newBuilder()
            .setReason(FinishReason.FINISH_REASON_STOP)
            .setTokenId(5)
            .build();

    @Test
    void aSingleAnswerHasAllFieldsOfTheContract() {
        var json = AnswerJson.of(answer(choice("Yes.", END_TOKEN)));
        assertThat(json.keySet()).containsExactlyInAnyOrder("request_id", "model", "model_digest",
                "language_fingerprint", "vision_fingerprint", "seed", "prompt_tokens", "image_tokens",
                "cached_prompt_tokens", "completion_tokens", "choices", "timeline", "text", "token_ids", "logprobs",
                "finish_reason", "matched");
        assertThat(json.getAsJsonObject("timeline").keySet()).containsExactlyInAnyOrder("queue_us", "preprocess_us",
                "encode_us", "handoff_us", "prefill_us", "first_token_us", "decode_us", "total_us", "failovers");
        assertThat(json.get("text").getAsString()).isEqualTo("Yes.");
        assertThat(json.getAsJsonArray("choices").get(0).getAsJsonObject().get("text").getAsString()).isEqualTo("Yes.");
    }

    @Test
    void severalAnswersStandInChoicesOnly() {
        var json = AnswerJson.of(answer(choice("Yes.", END_TOKEN), choice("No.", END_TOKEN)));
        assertThat(json.keySet()).doesNotContain("text", "token_ids", "finish_reason");
        assertThat(json.getAsJsonArray("choices")).hasSize(2);
    }

    @Test
    void seedIsUnsigned() {
        assertThat(AnswerJson.of(answer(choice("", END_TOKEN))).get("seed").toString())
                .isEqualTo("18446744073709551615");
    }

    @Test
    void whatEndedTheAnswerIsAnIdATextOrNothing() {
        assertThat(matched(END_TOKEN).get("matched").getAsLong()).isEqualTo(5);
        assertThat(matched(END_TOKEN.toBuilder().setStop("\n").build()).get("matched").getAsString()).isEqualTo("\n");
        var length = matched(ChoiceEnd.newBuilder().setReason(FinishReason.FINISH_REASON_LENGTH).build());
        assertThat(length.get("matched")).isEqualTo(JsonNull.INSTANCE);
        assertThat(length.get("finish_reason").getAsString()).isEqualTo("length");
    }

    @Test
    void logprobsCarryTheBestTokens() {
        var logprobs = TokenLogprobs.newBuilder()
                .setLogprob(-0.5)
                .addTop(TopLogprob.newBuilder().setTokenId(7).setLogprob(-0.25))
                .build();
        var json = AnswerJson.of(answer(new Answer.Choice("", List.of(9), List.of(logprobs), END_TOKEN)));
        assertThat(json.getAsJsonArray("logprobs").toString())
                .isEqualTo("[{\"logprob\":-0.5,\"top\":[{\"token_id\":7,\"logprob\":-0.25}]}]");
    }

    @Test
    void anErrorHasStatusReasonAndMessage() {
        var received = new Received("INVALID_ARGUMENT", Optional.of("BAD_FIELD"), "got 0", List.of(), Optional.empty());
        assertThat(AnswerJson.of(received).toString()).isEqualTo(
                "{\"error\":{\"status\":\"INVALID_ARGUMENT\",\"reason\":\"BAD_FIELD\",\"message\":\"got 0\"}}");
    }

    private static JsonObject matched(ChoiceEnd end) {
        JsonArray choices = AnswerJson.of(answer(choice("", end))).getAsJsonArray("choices");
        return choices.get(0).getAsJsonObject();
    }

    private static Answer.Choice choice(String text, ChoiceEnd end) {
        return new Answer.Choice(text, List.of(1, 2), List.of(), end);
    }

    private static Answer answer(Answer.Choice... choices) {
        return new Answer(Started.newBuilder().setSeed(-1).build(), List.of(choices),
                Finished.newBuilder()
                        .setUsage(Usage.newBuilder().setPromptTokens(3))
                        .setTimeline(Timeline.newBuilder().setTotalUs(7))
                        .build());
    }
}
