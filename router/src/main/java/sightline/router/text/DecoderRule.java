package sightline.router.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** How a tokenizer's file says that tokens become text. */
sealed interface DecoderRule {
    /**
     * SentencePiece's way: replacements in every token, then bytes for tokens that are written as such.
     *
     * @param byteFallback whether {@code <0x0A>} is a byte
     * @param startSpaces how many spaces at the text's start are left out
     */
    record Pieces(List<Replacement> replacements, boolean byteFallback, int startSpaces) implements DecoderRule {}

    /** A mark for every space, left out of the first token where the tokenizer has put it there. */
    record Marks(String mark, boolean bareFirst) implements DecoderRule {}

    /** GPT-2's way: every character of a token stands for a byte. */
    record ByteLevel() implements DecoderRule {}

    record Replacement(String pattern, String content) {}

    /** Reads the {@code decoder} of a {@code tokenizer.json}. */
    static DecoderRule parse(JsonNode decoder) throws UnusableTokenizer {
        var steps = steps(decoder).toList();
        var kinds = steps.stream().map(DecoderRule::kind).toList();
        if (kinds.equals(List.of("ByteLevel"))) {
            return new ByteLevel();
        }
        if (kinds.equals(List.of("Metaspace"))) {
            return marks(steps.getFirst());
        }
        return pieces(steps, kinds);
    }

    private static Stream<JsonNode> steps(JsonNode decoder) {
        return kind(decoder).equals("Sequence")
                ? StreamSupport.stream(decoder.path("decoders").spliterator(), false)
                : Stream.of(decoder);
    }

    private static String kind(JsonNode step) {
        return step.path("type").asText();
    }

    private static Marks marks(JsonNode step) {
        boolean prepends = step.has("prepend_scheme")
                ? !step.path("prepend_scheme").asText().equals("never")
                : step.path("add_prefix_space").asBoolean(true);
        return new Marks(step.path("replacement").asText("\u2581"), prepends);
    }

    private static Pieces pieces(List<JsonNode> steps, List<String> kinds) throws UnusableTokenizer {
        var replacements = new ArrayList<Replacement>();
        int next = 0;
        while (next < steps.size() && kinds.get(next).equals("Replace")) {
            replacements.add(replacement(steps.get(next++)));
        }
        boolean fallback = next < steps.size() && kinds.get(next).equals("ByteFallback");
        var rest = kinds.subList(fallback ? next + 1 : next, kinds.size());
        boolean strips = rest.equals(List.of("Fuse", "Strip"));
        if (!rest.equals(List.of("Fuse")) && !strips) {
            throw new UnusableTokenizer("tokenizer.json: decoder " + kinds
                    + " (expected: Replace, ByteFallback, Fuse, Strip; or Metaspace; or ByteLevel)");
        }
        return new Pieces(List.copyOf(replacements), fallback, strips ? startSpaces(steps.getLast()) : 0);
    }

    private static int startSpaces(JsonNode strip) throws UnusableTokenizer {
        if (!strip.path("content").asText().equals(" ") || strip.path("stop").asInt() != 0) {
            throw new UnusableTokenizer("tokenizer.json: " + strip + " (expected: only spaces at the start stripped)");
        }
        return strip.path("start").asInt();
    }

    private static Replacement replacement(JsonNode step) throws UnusableTokenizer {
        var pattern = step.path("pattern").path("String").asText();
        if (pattern.isEmpty()) {
            throw new UnusableTokenizer("tokenizer.json: Replace by a regular expression (expected: by a string)");
        }
        return new Replacement(pattern, step.path("content").asText());
    }
}
