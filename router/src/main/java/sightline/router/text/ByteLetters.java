package sightline.router.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The letters by which GPT-2's byte-level tokenizers write bytes, so that every byte is a printable character. */
// https://github.com/openai/gpt-2/blob/master/src/encoder.py, bytes_to_unicode
final class ByteLetters {
    private static final int NONE = -1;
    private static final int LETTERS = 0x144;
    private static final short[] BYTES = bytes();

    private ByteLetters() {}

    /** The bytes of a token; one that holds any other character is not written so, and stands for itself. */
    static byte[] bytes(String token) {
        var bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            char letter = token.charAt(i);
            if (letter >= LETTERS || BYTES[letter] == NONE) {
                return token.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) BYTES[letter];
        }
        return bytes;
    }

    /** By letter: printable bytes write themselves, the others follow from 256 on. */
    private static short[] bytes() {
        var byLetter = new short[LETTERS];
        Arrays.fill(byLetter, (short) NONE);
        int next = 256;
        for (int value = 0; value < 256; value++) {
            boolean printable = (value > ' ' && value < 0x7f) || (value > 0xa0 && value != 0xad);
            byLetter[printable ? value : next++] = (short) value;
        }
        return byLetter;
    }
}
