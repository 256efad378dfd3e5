package sightline.router.prompt;

import java.util.function.Predicate;
import sightline.router.text.AddedToken;
import sightline.router.text.TokenizerFile;
import sightline.router.text.UnusableTokenizer;

/**
 * Encodes a stretch of text by itself exactly as Hugging Face's tokenizers encode it in its place, between added tokens.
 *
 * <p>May be used by several threads at once; whoever opens it closes it.
 *
 * @param first for the stretch that begins a text
 * @param later for any other; often the same
 */
record StretchTokenizer(SubwordTokenizer first, SubwordTokenizer later) implements AutoCloseable {
    /**
     * Opens a file.
     *
     * @param kept which added tokens are looked for inside a stretch
     * @param spaceBefore what the tokenizer's config says about a space before text
     */
    static StretchTokenizer open(TokenizerFile file, Predicate<AddedToken> kept, boolean spaceBefore)
            throws UnusableTokenizer {
        var rule = SpaceBefore.asConfigured(file.preTokenizer(), spaceBefore);
        var first = SubwordTokenizer.open(file.with(rule, kept));
        if (!SpaceBefore.isForFirstOnly(rule)) {
            return new StretchTokenizer(first, first);
        }
        try {
            return new StretchTokenizer(first, SubwordTokenizer.open(file.with(SpaceBefore.forLater(rule), kept)));
        } catch (UnusableTokenizer | RuntimeException e) {
            first.close();
            throw e;
        }
    }

    int[] encode(String text, boolean beginsText) {
        return (beginsText ? first : later).encode(text);
    }

    /** What the file's own post-processor puts around a text, such as a begin token; often nothing. */
    int[] encodeNothing() {
        return first.encodeNothing();
    }

    @Override
    public void close() {
        first.close();
        if (later != first) {
            later.close();
        }
    }
}
