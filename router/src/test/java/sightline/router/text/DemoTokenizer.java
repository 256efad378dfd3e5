package sightline.router.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** The demo model's tokenizer, and the reference's own decoder for it. */
public final class DemoTokenizer {
    private static final Path FILE = Path.of(System.getProperty("sightline.demo"), "tokenizer.json");
    private static final HuggingFaceTokenizer REFERENCE = reference();

    private DemoTokenizer() {}

    public static TokenizerFile file() throws UnusableTokenizer {
        try {
            return TokenizerFile.parse(Files.readAllBytes(FILE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Vocabulary vocabulary() throws UnusableTokenizer {
        return Vocabulary.of(file());
    }

    /** What Hugging Face's tokenizers make of all ids at once, special tokens left out. */
    public static String decode(int... ids) {
        return REFERENCE.decode(Arrays.stream(ids).asLongStream().toArray(), true);
    }

    /** What they make of a text, control tokens recognized, nothing added. */
    public static int[] encode(String text) {
        return Arrays.stream(REFERENCE.encode(text, false, false).getIds()).mapToInt(Math::toIntExact).toArray();
    }

    private static HuggingFaceTokenizer reference() {
        try {
            return HuggingFaceTokenizer.newInstance(FILE, Map.of("truncation", "false", "padding", "false"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
