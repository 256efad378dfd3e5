package sightline.router.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Turns ids into whole characters: the texts of all steps and the rest, joined, are what Hugging Face's
 * {@code decode(ids, skip_special_tokens=True)} gives for all ids, in whatever portions they come.
 *
 * <p>An immutable value; its work is linear in the number of ids.
 */
public final class Detokenizer {
    /*
     * A run of byte tokens is held back until something else ends it, even where a prefix of it is complete: if any
     * byte of the run is out of place, the reference writes one replacement character for EVERY byte of the run
     * (tokenizers 0.22.2, decoders/byte_fallback.rs), so no part of it is certain before its end. Special tokens are
     * taken out before that, and therefore do not end a run.
     */

    /** The state after one id, and the characters that it made certain. */
    public record Step(Detokenizer next, String text) {}

    private final Vocabulary vocabulary;
    private final boolean begun;
    private final Ids run;
    private final int startSpaces;

    /**
     * @param begun whether any id so far had a text
     * @param run bytes held back
     * @param startSpaces to be left out of what comes, if it begins with spaces
     */
    private Detokenizer(Vocabulary vocabulary, boolean begun, Ids run, int startSpaces) {
        this.vocabulary = vocabulary;
        this.begun = begun;
        this.run = run;
        this.startSpaces = startSpaces;
    }

    public static Detokenizer of(Vocabulary vocabulary) {
        return new Detokenizer(vocabulary, false, Ids.empty(), vocabulary.startSpaces());
    }

    public Step accept(int id) {
        return switch (vocabulary.piece(id, !begun)) {
            case Vocabulary.Piece.Silent _ -> new Step(this, "");
            case Vocabulary.Piece.OneByte(var value) -> step(run.append(value), "");
            case Vocabulary.Piece.Characters(var text) -> step(Ids.empty(), fallbackRun() + text);
            case Vocabulary.Piece.Bytes(var values) -> accept(values);
        };
    }

    /** What is still held back, as it reads if no id follows. */
    public String rest() {
        var text = vocabulary.isByteLevel() ? run.isEmpty() ? "" : Utf8.REPLACEMENT : fallbackRun();
        return text.substring(leftOut(text));
    }

    private Step accept(ByteBuffer values) {
        var bytes = ByteBuffer.allocate(run.size() + values.remaining()).put(bytes(run)).put(values).array();
        var decoded = Utf8.decode(bytes);
        var unfinished = Ids.empty();
        for (int i = bytes.length - decoded.unfinished(); i < bytes.length; i++)
            unfinished = unfinished.append(bytes[i]);
        return step(unfinished, decoded.text());
    }

    private Step step(Ids heldBack, String text) {
        int cut = leftOut(text);
        int stillToCut = cut == text.length() ? startSpaces - cut : 0;
        return new Step(new Detokenizer(vocabulary, true, heldBack, stillToCut), text.substring(cut));
    }

    /** How many characters at the beginning of this text are left out. */
    private int leftOut(String text) {
        int spaces = 0;
        while (spaces < startSpaces && spaces < text.length() && text.charAt(spaces) == ' ')
            spaces++;
        return spaces;
    }

    private String fallbackRun() {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes(run))).toString();
        } catch (CharacterCodingException _) {
            return Utf8.REPLACEMENT.repeat(run.size());
        }
    }

    private static byte[] bytes(Ids run) {
        var bytes = ByteBuffer.allocate(run.size());
        for (int value : run.toArray())
            bytes.put((byte) value);
        return bytes.array();
    }
}
