package sightline.router.prompt;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import sightline.router.text.UnusableTokenizer;

/**
 * Encodes text exactly as Hugging Face's tokenizers do with the same file; never shortens it and adds nothing.
 *
 * <p>May be used by several threads at once. Native memory: whoever opens it closes it.
 */
final class SubwordTokenizer implements AutoCloseable {
    static {
        // DJL reads it when its first class loads; without it, it calls home and asks for cloud metadata.
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    private final HuggingFaceTokenizer tokenizer;

    private SubwordTokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** @param json a {@code tokenizer.json} */
    static SubwordTokenizer open(byte[] json) throws UnusableTokenizer {
        try {
            // Without the option DJL truncates at 512 tokens.
            var options = Map.of("truncation", "false", "padding", "false");
            return new SubwordTokenizer(HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), options));
        } catch (IOException | RuntimeException e) {
            throw new UnusableTokenizer("tokenizer.json: " + e.getMessage() + " (expected: a Hugging Face tokenizer)",
                    e);
        }
    }

    int[] encode(String text) {
        return encode(text, false);
    }

    /** What the file's own post-processor puts around a text, such as a begin token; often nothing. */
    int[] encodeNothing() {
        return encode("", true);
    }

    private int[] encode(String text, boolean withSpecialTokens) {
        return Arrays.stream(tokenizer.encode(text, withSpecialTokens, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
