package sightline.router.text;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;

/**
 * What each id stands for in text: a run of characters, bytes of characters, or nothing.
 *
 * <p>Follows the decoder of the tokenizer file, of one of the kinds in {@link DecoderRule}.
 */
public final class Vocabulary {
    private static final int MAX_ID = 1 << 22; // four times the largest vocabulary seen in published models

    /** What one id adds to a text. */
    sealed interface Piece {
        record Characters(String text) implements Piece {}

        /** A byte of UTF-8; only a run of them, ended by something else, can be read. */
        record OneByte(byte value) implements Piece {}

        /** Bytes of UTF-8, which may begin and end inside a character. */
        record Bytes(ByteBuffer values) implements Piece {}

        /** Special tokens, and ids that the tokenizer does not know. */
        record Silent() implements Piece {}
    }

    private final String[] texts;
    private final BitSet silent;
    private final DecoderRule rule;
    private final boolean cleansSpaces;

    private Vocabulary(String[] texts, BitSet silent, DecoderRule rule, boolean cleansSpaces) {
        this.texts = texts;
        this.silent = silent;
        this.rule = rule;
        this.cleansSpaces = cleansSpaces;
    }

    public static Vocabulary of(TokenizerFile file) throws UnusableTokenizer {
        return of(file, false);
    }

    /**
     * Reads a file.
     *
     * @param cleansSpaces whether a text is read without the spaces that {@link SpaceCleaning} takes out
     */
    public static Vocabulary of(TokenizerFile file, boolean cleansSpaces) throws UnusableTokenizer {
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
        return new Vocabulary(texts, silent, DecoderRule.parse(file.decoder()), cleansSpaces);
    }

    /** Ids from 0 to below this number may have a text. */
    public int size() {
        return texts.length;
    }

    /** How many spaces at the start of a text are left out. */
    int startSpaces() {
        return rule instanceof DecoderRule.Pieces pieces ? pieces.startSpaces() : 0;
    }

    boolean cleansSpaces() {
        return cleansSpaces;
    }

    /** Whether all pieces are {@link Piece.Bytes}. */
    boolean isByteLevel() {
        return rule instanceof DecoderRule.ByteLevel;
    }

    /** @param first whether nothing but silent ids came before */
    Piece piece(int id, boolean first) {
        if (id < 0 || id >= texts.length || silent.get(id) || texts[id].isEmpty())
            return new Piece.Silent();
        var text = texts[id];
        return switch (rule) {
            case DecoderRule.ByteLevel _ -> new Piece.Bytes(ByteBuffer.wrap(ByteLetters.bytes(text)));
            case DecoderRule.Marks(var mark, var bareFirst) ->
                    new Piece.Characters(text.replace(mark, first && bareFirst ? "" : " "));
            case DecoderRule.Pieces pieces -> piece(text, pieces);
        };
    }

    private static Piece piece(String token, DecoderRule.Pieces rule) {
        var text = token;
        for (var replacement : rule.replacements())
            text = text.replace(replacement.pattern(), replacement.content());
        return rule.byteFallback() && isByte(text)
                ? new Piece.OneByte((byte) Integer.parseInt(text, 3, 5, 16))
                : new Piece.Characters(text);
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
}
