package sightline.vision.image.vp8;

/**
 * Turns luma and half-sized chroma planes into RGB with libwebp's "fancy" interpolation of chroma (9-3-3-1) and its
 * fixed-point colour matrix (src/dsp/upsampling.c, src/dsp/yuv.h).
 */
final class Colours {
    private final Plane luma;
    private final Plane[] chroma;
    private final int width;
    private final int height;
    /** [2 planes, width]: the chroma of the present row at full width. */
    private final int[][] wide;

    Colours(Plane luma, Plane u, Plane v, int width, int height) {
        this.luma = luma;
        this.chroma = new Plane[]{u, v};
        this.width = width;
        this.height = height;
        this.wide = new int[2][width];
    }

    /** Converts the whole picture to [height, width, 3] uint8. */
    byte[] toRgb() {
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            int near = y / 2;
            int last = (height - 1) / 2;
            int far = Math.clamp(y % 2 == 0 ? near - 1L : near + 1L, 0, last);
            for (int p = 0; p < 2; p++) {
                widen(chroma[p], near, far, wide[p]);
            }
            convertRow(y, rgb);
        }
        return rgb;
    }

    private void widen(Plane plane, int nearRow, int farRow, int[] to) {
        int near = plane.at(0, nearRow);
        int far = plane.at(0, farRow);
        to[0] = edge(plane, near, far);
        for (int x = 1; x <= (width - 1) / 2; x++) {
            int n0 = plane.get(near + x - 1);
            int n1 = plane.get(near + x);
            int f0 = plane.get(far + x - 1);
            int f1 = plane.get(far + x);
            int sum = n0 + n1 + f0 + f1 + 8;
            to[2 * x - 1] = (((sum + 2 * (n1 + f0)) >> 3) + n0) >> 1;
            to[2 * x] = (((sum + 2 * (n0 + f1)) >> 3) + n1) >> 1;
        }
        if (width % 2 == 0) {
            int lastColumn = width / 2 - 1;
            to[width - 1] = edge(plane, near + lastColumn, far + lastColumn);
        }
    }

    private static int edge(Plane plane, int near, int far) {
        return (3 * plane.get(near) + plane.get(far) + 2) >> 2;
    }

    private void convertRow(int row, byte[] rgb) {
        int from = luma.at(0, row);
        int to = 3 * row * width;
        for (int x = 0; x < width; x++) {
            int y = scaled(luma.get(from + x), 19077);
            int u = wide[0][x];
            int v = wide[1][x];
            rgb[to++] = clip(y + scaled(v, 26149) - 14234);
            rgb[to++] = clip(y - scaled(u, 6419) - scaled(v, 13320) + 8708);
            rgb[to++] = clip(y + scaled(u, 33050) - 17685);
        }
    }

    private static int scaled(int value, int factor) {
        return (value * factor) >> 8;
    }

    /** Drops six fraction bits. */
    private static byte clip(int value) {
        return (byte) Math.clamp(value >> 6, 0, 255);
    }
}
