package sightline.deploy.client;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigInteger;
import java.util.List;
import java.util.function.Function;

import sightline.client.Answer;
import sightline.v1.ChoiceEnd;
import sightline.v1.FinishReason;
import sightline.v1.Started;
import sightline.v1.Timeline;
import sightline.v1.TokenLogprobs;
import sightline.v1.TopLogprob;
import sightline.v1.Usage;
import sightline.wire.Received;

/** The one-object JSON form of an answer or an error; its field names are part of the public contract. */
public final class AnswerJson {

    private AnswerJson() {}

    /** The fields of a single choice stand at the top level too. */
    public static JsonObject of(Answer answer) {
        JsonObject json = new JsonObject();
        addStarted(json, answer.started());
        addUsage(json, answer.finished().getUsage());
        JsonArray choices = array(answer.choices(), AnswerJson::choice);
        if (choices.size() == 1) {
            choices.get(0).getAsJsonObject().asMap().forEach(json::add);
        }
        json.add("choices", choices);
        json.add("timeline", timeline(answer.finished().getTimeline()));
        return json;
    }

    /** {@code reason} is empty where gRPC itself ended the call. */
    public static JsonObject of(Received received) {
        JsonObject error = new JsonObject();
        error.addProperty("status", received.status());
        error.addProperty("reason", received.reason().orElse(""));
        error.addProperty("message", received.message());
        JsonObject json = new JsonObject();
        json.add("error", error);
        return json;
    }

    private static void addStarted(JsonObject json, Started started) {
        json.addProperty("request_id", started.getRequestId());
        json.addProperty("model", started.getModel());
        json.addProperty("model_digest", started.getModelDigest());
        json.addProperty("language_fingerprint", started.getLanguageFingerprint());
        json.addProperty("vision_fingerprint", started.getVisionFingerprint());
        json.addProperty("seed", new BigInteger(Long.toUnsignedString(started.getSeed())));
    }

    private static void addUsage(JsonObject json, Usage usage) {
        json.addProperty("prompt_tokens", usage.getPromptTokens());
        json.addProperty("image_tokens", usage.getImageTokens());
        json.addProperty("cached_prompt_tokens", usage.getCachedPromptTokens());
        json.addProperty("completion_tokens", usage.getCompletionTokens());
    }

    private static JsonObject choice(Answer.Choice choice) {
        JsonObject json = new JsonObject();
        json.addProperty("text", choice.text());
        json.add("token_ids", array(choice.tokenIds(), AnswerJson::unsigned));
        json.add("logprobs", array(choice.logprobs(), AnswerJson::logprob));
        json.addProperty("finish_reason", finishReason(choice.end().getReason()));
        json.add("matched", matched(choice.end()));
        return json;
    }

    private static JsonObject logprob(TokenLogprobs logprobs) {
        JsonObject json = new JsonObject();
        json.addProperty("logprob", logprobs.getLogprob());
        json.add("top", array(logprobs.getTopList(), AnswerJson::top));
        return json;
    }

    private static JsonObject top(TopLogprob top) {
        JsonObject json = new JsonObject();
        json.add("token_id", unsigned(top.getTokenId()));
        json.addProperty("logprob", top.getLogprob());
        return json;
    }

    private static String finishReason(FinishReason reason) {
        return switch (reason) {
            case FINISH_REASON_STOP -> "stop";
            case FINISH_REASON_LENGTH -> "length";
            case FINISH_REASON_UNSPECIFIED, UNRECOGNIZED -> "";
        };
    }

    /** The stop string, or the id of the end token, or null when the length ended it. */
    private static JsonElement matched(ChoiceEnd end) {
        return switch (end.getMatchedCase()) {
            case STOP -> new JsonPrimitive(end.getStop());
            case TOKEN_ID -> unsigned(end.getTokenId());
            case MATCHED_NOT_SET -> JsonNull.INSTANCE;
        };
    }

    private static JsonObject timeline(Timeline timeline) {
        JsonObject json = new JsonObject();
        json.addProperty("queue_us", timeline.getQueueUs());
        json.addProperty("preprocess_us", timeline.getPreprocessUs());
        json.addProperty("encode_us", timeline.getEncodeUs());
        json.addProperty("handoff_us", timeline.getHandoffUs());
        json.addProperty("prefill_us", timeline.getPrefillUs());
        json.addProperty("first_token_us", timeline.getFirstTokenUs());
        json.addProperty("decode_us", timeline.getDecodeUs());
        json.addProperty("total_us", timeline.getTotalUs());
        json.addProperty("failovers", timeline.getFailovers());
        return json;
    }

    private static JsonPrimitive unsigned(int id) {
        return new JsonPrimitive(Integer.toUnsignedLong(id));
    }

    private static <T> JsonArray array(List<T> items, Function<T, JsonElement> form) {
        JsonArray array = new JsonArray();
        items.forEach(item -> array.add(form.apply(item)));
        return array;
    }
}
