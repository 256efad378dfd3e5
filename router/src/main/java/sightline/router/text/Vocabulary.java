package sightline.router.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * What each id stands for in text: a run of characters, one byte of a character, or nothing.
 *
 * <p>Follows the decoder of the tokenizer file, which has to be the one of SentencePiece-like models: replacements,
 * then byte fallback, then everything fused.
 */
public final class Vocabulary {
    private static final int MAX_ID = 1 << 22; // four times the largest vocabulary seen in published models

    /** What one id adds to a text. */
    sealed interface Piece {
        record Characters(String text) implements Piece {}

        /** A byte of UTF-8; only a run of them, ended by something else, can be read. */
        record OneByte(byte value) implements Piece {}

        /** Special tokens, and ids that the tokenizer does not know. */
        record Silent() implements Piece {}
    }

    private record Replacement(String pattern, String content) {}

    private final String[] texts;
    private final BitSet silent;
    private final List<Replacement> replacements;

    private Vocabulary(String[] texts, BitSet silent, List<Replacement> replacements) {
        this.texts = texts;
        this.silent = silent;
        this.replacements = replacements;
    }

    public static Vocabulary of(TokenizerFile file) throws UnusableTokenizer {
        int size = size(file);
        var texts = new String[size];
        Arrays.fill(texts, "");
        for (var piece : file.pieces().entrySet())
            texts[piece.getKey()] = piece.getValue();
        for (var token : file.addedTokens())
            texts[token.id()] = token.content();
        var silent = new BitSet(size);
        for (var token : file.addedTokens())
            silent.set(token.id(), token.special());
        return new Vocabulary(texts, silent, replacements(file.decoder()));
    }

    /** Ids from 0 to below this number may have a text. */
    public int size() {
        return texts.length;
    }

    Piece piece(int id) {
        if (id < 0 || id >= texts.length || silent.get(id) || texts[id].isEmpty())
            return new Piece.Silent();
        var text = texts[id];
        for (var replacement : replacements)
            text = text.replace(replacement.pattern, replacement.content);
        return isByte(text) ? new Piece.OneByte((byte) Integer.parseInt(text, 3, 5, 16)) : new Piece.Characters(text);
    }

    /** Written {@code <0x0A>}. */
    private static boolean isByte(String text) {
        return text.length() == 6 && text.startsWith("<0x") && text.endsWith(">")
                && Character.digit(text.charAt(3), 16) >= 0 && Character.digit(text.charAt(4), 16) >= 0;
    }

    private static int size(TokenizerFile file) throws UnusableTokenizer {
        int size = 0;
        var ids = new HashSet<>(file.pieces().keySet());
        file.addedTokens().forEach(token -> ids.add(token.id()));
        for (int id : ids) {
            if (id < 0 || id >= MAX_ID)
                throw new UnusableTokenizer("tokenizer.json: token id " + id + " (expected: 0.." + (MAX_ID - 1) + ")");
            size = Math.max(size, id + 1);
        }
        return size;
    }

    private static List<Replacement> replacements(JsonNode decoder) throws UnusableTokenizer {
        var steps = StreamSupport.stream(decoder.path("decoders").spliterator(), false).toList();
        var kinds = steps.stream().map(step -> step.path("type").asText()).toList();
        int first = kinds.indexOf("ByteFallback");
        boolean known = first >= 0 && kinds.subList(0, first).stream().allMatch("Replace"::equals)
                && kinds.subList(first, kinds.size()).equals(List.of("ByteFallback", "Fuse"));
        if (!known)
            throw new UnusableTokenizer(
                    "tokenizer.json: decoder " + kinds + " (expected: Replace, ByteFallback, Fuse)");
        var replacements = new ArrayList<Replacement>();
        for (var step : steps.subList(0, first))
            replacements.add(replacement(step));
        return List.copyOf(replacements);
    }

    private static Replacement replacement(JsonNode step) throws UnusableTokenizer {
        var pattern = step.path("pattern").path("String").asText();
        if (pattern.isEmpty())
            throw new UnusableTokenizer("tokenizer.json: Replace by a regular expression (expected: by a string)");
        return new Replacement(pattern, step.path("content").asText());
    }
}
