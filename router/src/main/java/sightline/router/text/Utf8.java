package sightline.router.text;

import java.nio.charset.StandardCharsets;

/**
 * Bytes as text with one replacement character for every longest beginning of a character that goes no further, as
 * Unicode recommends and Rust's {@code from_utf8_lossy} does.
 *
 * @param text all that is certain whatever bytes follow
 * @param unfinished how many bytes at the end begin a character that they do not finish
 */
// The Unicode Standard 16.0, section 3.9, tables 3-7 and 3-11.
record Utf8(String text, int unfinished) {
    static final String REPLACEMENT = "\uFFFD";

    static Utf8 decode(byte[] bytes) {
        var text = new StringBuilder();
        int at = 0;
        while (at < bytes.length) {
            int length = length(bytes[at]);
            int valid = validPrefix(bytes, at, length);
            if (valid == length) {
                text.append(new String(bytes, at, length, StandardCharsets.UTF_8));
            } else if (at + valid == bytes.length && valid > 0) {
                return new Utf8(text.toString(), valid);
            } else {
                text.append(REPLACEMENT);
            }
            at += Math.max(1, valid);
        }
        return new Utf8(text.toString(), 0);
    }

    /** Bytes of a character that begins so; of one that nothing begins so, five, which no bytes fulfil. */
    private static int length(byte lead) {
        int value = lead & 0xff;
        if (value < 0x80) {
            return 1;
        }
        if (value < 0xc2 || value > 0xf4) {
            return 5;
        }
        return value < 0xe0 ? 2 : value < 0xf0 ? 3 : 4;
    }

    /** How many bytes from here on could belong to one character. */
    private static int validPrefix(byte[] bytes, int at, int length) {
        if (length == 5) {
            return 0;
        }
        int valid = 1;
        while (valid < length && at + valid < bytes.length && continues(bytes, at, valid)) {
            valid++;
        }
        return valid;
    }

    private static boolean continues(byte[] bytes, int at, int number) {
        int value = bytes[at + number] & 0xff;
        int low = 0x80;
        int high = 0xbf;
        if (number == 1) {
            switch (bytes[at] & 0xff) {
                case 0xe0 -> low = 0xa0;
                case 0xed -> high = 0x9f;
                case 0xf0 -> low = 0x90;
                case 0xf4 -> high = 0x8f;
                default -> {
                }
            }
        }
        return value >= low && value <= high;
    }
}
