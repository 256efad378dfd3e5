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
    private static final String REPLACEMENT = "\uFFFD";

    /** The state after one id, and the characters that it made certain. */
    public record Step(Detokenizer next, String text) {}

    private final Vocabulary vocabulary;
    private final Ids run;

    private Detokenizer(Vocabulary vocabulary, Ids run) {
        this.vocabulary = vocabulary;
        this.run = run;
    }

    public static Detokenizer of(Vocabulary vocabulary) {
        return new Detokenizer(vocabulary, Ids.empty());
    }

    public Step accept(int id) {
        return switch (vocabulary.piece(id)) {
            case Vocabulary.Piece.Silent _ -> new Step(this, "");
            case Vocabulary.Piece.OneByte b -> new Step(new Detokenizer(vocabulary, run.append(b.value())), "");
            case Vocabulary.Piece.Characters c when run.isEmpty() -> new Step(this, c.text());
            case Vocabulary.Piece.Characters c -> new Step(of(vocabulary), rest() + c.text());
        };
    }

    /** What is still held back, as it reads if no id follows. */
    public String rest() {
        var bytes = ByteBuffer.allocate(run.size());
        for (int value : run.toArray())
            bytes.put((byte) value);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException _) {
            return REPLACEMENT.repeat(run.size());
        }
    }
}
