package sightline.router.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The rule by which a tokenizer puts a space before text, in the {@code pre_tokenizer} of its file.
 *
 * <p>Most do it before every stretch between added tokens, or before none, and need no help. One kind does it only where
 * the whole text begins; a stretch that is encoded by itself would always look like that.
 */
final class SpaceBefore {
    private static final String SCHEME = "prepend_scheme";
    private static final String BYTE_LEVEL_FLAG = "add_prefix_space";

    private SpaceBefore() {}

    /** Whether only the stretch that begins a text gets a space. */
    static boolean isForFirstOnly(JsonNode preTokenizer) {
        return isMetaspaceForFirst(preTokenizer) || steps(preTokenizer).anyMatch(SpaceBefore::isForFirstOnly);
    }

    /** The rule for stretches that do not begin a text, where {@link #isForFirstOnly}. */
    static JsonNode forLater(JsonNode preTokenizer) {
        var copy = preTokenizer.deepCopy();
        Stream.concat(Stream.of(copy), steps(copy))
                .filter(SpaceBefore::isMetaspaceForFirst)
                .forEach(step -> ((ObjectNode) step).put(SCHEME, "never"));
        return copy;
    }

    /** transformers lets the flag beside the tokenizer's file, false where there is none, overrule that of a byte level. */
    // https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/tokenization_utils_fast.py#L176-L187
    static JsonNode asConfigured(JsonNode preTokenizer, boolean flag) {
        if (!preTokenizer.has(BYTE_LEVEL_FLAG) || !preTokenizer.path("type").asText().equals("ByteLevel")) {
            return preTokenizer;
        }
        var copy = (ObjectNode) preTokenizer.deepCopy();
        return copy.put(BYTE_LEVEL_FLAG, flag);
    }

    private static boolean isMetaspaceForFirst(JsonNode step) {
        return step.path("type").asText().equals("Metaspace") && step.path(SCHEME).asText().equals("first");
    }

    private static Stream<JsonNode> steps(JsonNode preTokenizer) {
        return StreamSupport.stream(preTokenizer.path("pretokenizers").spliterator(), false);
    }
}
