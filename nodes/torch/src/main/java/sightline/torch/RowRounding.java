package sightline.torch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Rounds single rows from one piece of memory into another; each thread has one of its own. */
final class RowRounding {
    /*
     * Memory is copied to the heap in stretches that stay in the first-level cache, and gone over in small loops of one
     * kind of number, which the compiler turns into vector instructions: together 0.4 ns a number, where five operators
     * of LibTorch take 2 (KernelTimesTest).
     */
    private static final int STRETCH = Block.SIZE;

    private final MemorySegment source;
    private final MemorySegment target;
    private final long sourceWidth;
    private final int sourceFrom;
    private final int in;
    private final float[] numbers = new float[STRETCH];
    private final int[] integers = new int[STRETCH];
    private final byte[] bytes = new byte[STRETCH];

    /**
     * Works between these two.
     *
     * @param source [rows, sourceWidth] float32, of which the columns from {@code sourceFrom} on are taken
     * @param target [places, in] uint8
     */
    RowRounding(MemorySegment source, long sourceWidth, int sourceFrom, MemorySegment target, int in) {
        this.source = source;
        this.sourceWidth = sourceWidth;
        this.sourceFrom = sourceFrom;
        this.target = target;
        this.in = in;
    }

    /** What a step is worth in a row; zero only where all of it is zero, NaN or infinite where it holds such a number. */
    float scale(int row) {
        int bits = 0;
        for (int at = 0; at < in; at += STRETCH) {
            bits = Math.max(bits, largestBits(sourceFirst(row) + at, count(at)));
        }
        return bits == 0 ? 0 : Math.max(Float.MIN_NORMAL, Float.intBitsToFloat(bits) / QuantizedRows.LARGEST);
    }

    /** Returns the sum of the squares of what the row became, in steps. */
    long round(int row, int place, float scale) {
        long squares = 0;
        for (int at = 0; at < in; at += STRETCH) {
            int count = count(at);
            read(sourceFirst(row) + at, count);
            round(scale, count);
            squares += squares(scale, count);
            write(targetFirst(place) + at, count);
        }
        return squares;
    }

    /**
     * Rounds what a rounded row lacks into a place of its own.
     *
     * @return what a step is worth there
     */
    float roundRemainder(int row, int place, float scale, int into) {
        float largest = Float.MIN_NORMAL * QuantizedRows.LARGEST;
        for (int at = 0; at < in; at += STRETCH) {
            readRemainder(row, place, scale, at);
            for (int i = 0; i < count(at); i++) {
                largest = Math.max(largest, Math.abs(numbers[i]));
            }
        }
        float finer = largest / QuantizedRows.LARGEST;
        for (int at = 0; at < in; at += STRETCH) {
            readRemainder(row, place, scale, at);
            round(finer, count(at));
            write(targetFirst(into) + at, count(at));
        }
        return finer;
    }

    private void readRemainder(int row, int place, float scale, int at) {
        int count = count(at);
        read(sourceFirst(row) + at, count);
        MemorySegment.copy(target, ValueLayout.JAVA_BYTE, targetFirst(place) + at, bytes, 0, count);
        for (int i = 0; i < count; i++) {
            numbers[i] -= ((bytes[i] & 0xff) - QuantizedRows.ZERO) * scale;
        }
    }

    /** The largest magnitude of a stretch, as the bits of a float, which are ordered as the numbers are. */
    private int largestBits(long from, int count) {
        MemorySegment.copy(source, ValueLayout.JAVA_INT, from * Float.BYTES, integers, 0, count);
        int largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, integers[i] & Integer.MAX_VALUE);
        }
        return largest;
    }

    // All sums are positive, so cutting them off rounds.
    private void round(float scale, int count) {
        float factor = 1 / scale;
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (int) (numbers[i] * factor + (QuantizedRows.ZERO + 0.5f));
        }
    }

    private long squares(float scale, int count) {
        float factor = 1 / scale;
        for (int i = 0; i < count; i++) {
            integers[i] = (int) (numbers[i] * factor + (QuantizedRows.ZERO + 0.5f));
        }
        int sum = 0;
        for (int i = 0; i < count; i++) {
            int steps = integers[i] - QuantizedRows.ZERO;
            sum += steps * steps;
        }
        return sum;
    }

    private void read(long from, int count) {
        MemorySegment.copy(source, ValueLayout.JAVA_FLOAT, from * Float.BYTES, numbers, 0, count);
    }

    private void write(long from, int count) {
        MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, from, count);
    }

    private long sourceFirst(int row) {
        return row * sourceWidth + sourceFrom;
    }

    private long targetFirst(int place) {
        return (long) place * in;
    }

    private int count(int at) {
        return Math.min(STRETCH, in - at);
    }
}
