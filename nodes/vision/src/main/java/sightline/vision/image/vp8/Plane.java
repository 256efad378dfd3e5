package sightline.vision.image.vp8;

import java.util.Arrays;

/**
 * One plane of samples in whole macroblocks, with the column left of it and the row above it that prediction begins
 * from: 129 to the left, 127 above.
 */
final class Plane {
    private final byte[] samples;
    private final int stride;

    Plane(int width, int height) {
        stride = width + 1;
        samples = new byte[stride * (height + 1)];
        Arrays.fill(samples, 0, stride, (byte) 127);
        for (int y = 1; y <= height; y++) {
            samples[y * stride] = (byte) 129;
        }
    }

    /** Where the sample (x, y) lies; −1 is allowed for both. */
    int at(int x, int y) {
        return (y + 1) * stride + x + 1;
    }

    int stride() {
        return stride;
    }

    int get(int at) {
        return samples[at] & 0xff;
    }

    void set(int at, int value) {
        samples[at] = (byte) value;
    }

    /** Sets the sample to the value clipped to a byte. */
    void setClipped(int at, int value) {
        samples[at] = (byte) Math.clamp(value, 0, 255);
    }

    void add(int at, int difference) {
        setClipped(at, get(at) + difference);
    }

    void fill(int at, int size, int value) {
        for (int y = 0; y < size; y++) {
            Arrays.fill(samples, at + y * stride, at + y * stride + size, (byte) value);
        }
    }

    /** Copies size samples from one place to another. */
    void copy(int from, int to, int size) {
        System.arraycopy(samples, from, samples, to, size);
    }
}
