package sightline.vision.image.vp8l;

import sightline.image.UnreadableImage;

/**
 * A canonical prefix code of at most 15 bits; only complete codes are accepted, and codes of one symbol, which take no
 * bits.
 *
 * <p>Its size is bounded by the bits that described it, so a file cannot ask for more memory than it has bits.
 */
final class PrefixCode {
    static final int MAX_LENGTH = 15;
    private static final int TABLE_BITS = 8;

    /** [2 to the power of tableBits]: length and symbol by the next bits; 0 where the code is longer. */
    private final int[] table;
    private final int tableBits;
    private final int[] countOfLength = new int[MAX_LENGTH + 1];
    private final short[] symbols;

    private PrefixCode(int[] lengths, int used, int longest) {
        symbols = new short[used];
        tableBits = used == 1 ? 0 : Math.min(TABLE_BITS, longest);
        table = new int[1 << tableBits];
        for (int length : lengths) {
            countOfLength[length]++;
        }
        countOfLength[0] = 0;
        sort(lengths);
        fillTable();
    }

    /** @param lengths [alphabet] bits of each symbol's code; 0 for a symbol that does not occur */
    static PrefixCode of(int[] lengths) throws UnreadableImage {
        int used = 0;
        int longest = 0;
        int open = 1 << MAX_LENGTH;
        for (int length : lengths) {
            if (length > 0) {
                used++;
                longest = Math.max(longest, length);
                open -= 1 << (MAX_LENGTH - length);
            }
        }
        if (used == 0 || (used > 1 && open != 0)) {
            throw BitReader.damaged();
        }
        return new PrefixCode(lengths, used, longest);
    }

    private void sort(int[] lengths) {
        int[] next = new int[MAX_LENGTH + 2];
        for (int length = 1; length <= MAX_LENGTH; length++) {
            next[length + 1] = next[length] + countOfLength[length];
        }
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            if (lengths[symbol] > 0) {
                symbols[next[lengths[symbol]]++] = (short) symbol;
            }
        }
    }

    private void fillTable() {
        int code = 0;
        int symbol = 0;
        for (int length = 1; length <= tableBits; length++) {
            for (int i = 0; i < countOfLength[length]; i++) {
                int reversed = Integer.reverse(code) >>> (32 - length);
                for (int entry = reversed; entry < table.length; entry += 1 << length) {
                    table[entry] = length << 16 | symbols[symbol];
                }
                symbol++;
                code++;
            }
            code <<= 1;
        }
    }

    int read(BitReader reader) {
        if (symbols.length == 1) {
            return symbols[0];
        }
        int entry = table[reader.peek(tableBits)];
        if (entry != 0) {
            reader.skip(entry >> 16);
            return entry & 0xffff;
        }
        return readLong(reader);
    }

    /** Walks down the canonical code one bit at a time. */
    private int readLong(BitReader reader) {
        int code = 0;
        int first = 0;
        int index = 0;
        for (int length = 1; length <= MAX_LENGTH; length++) {
            code |= reader.number(1);
            int count = countOfLength[length];
            if (code - first < count) {
                return symbols[index + code - first];
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        throw new IllegalStateException("code: incomplete (expected: complete, as checked when it was made)");
    }
}
