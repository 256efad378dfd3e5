package sightline.router.text;

import java.util.List;

/**
 * Takes the spaces out of a text, as it comes in, that transformers takes out of a decoded text of tokenizers with
 * {@code clean_up_tokenization_spaces}: those before punctuation and abbreviated words.
 *
 * <p>An immutable value; in whatever portions the text comes, all that comes out and the rest are the same.
 */
// https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/tokenization_utils_base.py#L4111-L4134
final class SpaceCleaning {
    private record Replacement(String from, String to) {}

    /** In this order, each over the whole text. */
    private static final List<Replacement> REPLACEMENTS = List.of(new Replacement(" .", "."),
            new Replacement(" ?", "?"), new Replacement(" !", "!"), new Replacement(" ,", ","),
            new Replacement(" ' ", "'"), new Replacement(" n't", "n't"), new Replacement(" 'm", "'m"),
            new Replacement(" 's", "'s"), new Replacement(" 've", "'ve"), new Replacement(" 're", "'re"));

    /** Whatever is replaced, also in what an earlier replacement left, is a stretch of these that begins with a space. */
    private static final String INVOLVED = " .?!,'ntmsver";

    /** The state after a portion of text, and what it made certain. */
    record Step(SpaceCleaning next, String text) {}

    private final boolean wanted;
    private final String held;

    private SpaceCleaning(boolean wanted, String held) {
        this.wanted = wanted;
        this.held = held;
    }

    /** @param wanted leaves the text alone where false */
    static SpaceCleaning of(boolean wanted) {
        return new SpaceCleaning(wanted, "");
    }

    Step accept(String text) {
        if (!wanted)
            return new Step(this, text);
        var all = held + text;
        int certain = certain(all);
        return new Step(new SpaceCleaning(true, all.substring(certain)), cleaned(all.substring(0, certain)));
    }

    /** What is held back, as it reads if the text ends here. */
    String rest() {
        return cleaned(held);
    }

    private static int certain(String text) {
        int from = text.length();
        while (from > 0 && INVOLVED.indexOf(text.charAt(from - 1)) >= 0)
            from--;
        int space = text.indexOf(' ', from);
        return space < 0 ? text.length() : space;
    }

    private static String cleaned(String text) {
        var cleaned = text;
        for (var replacement : REPLACEMENTS)
            cleaned = cleaned.replace(replacement.from, replacement.to);
        return cleaned;
    }
}
