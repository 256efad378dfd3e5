package sightline.vision.image.vp8l;

/** Pixels were replaced by their difference from a prediction, whose kind differs from square to square. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Predicted(int[] modes, int bits, int width) implements Transform {
    private static final int BLACK = 0xff000000;

    @Override
    public int[] undo(int[] pixels) {
        int columns = Vp8lDecoder.squares(width, bits);
        pixels[0] = sum(pixels[0], BLACK);
        for (int x = 1; x < width; x++) {
            pixels[x] = sum(pixels[x], pixels[x - 1]);
        }
        for (int i = width, y = 1; i < pixels.length; y++) {
            pixels[i] = sum(pixels[i], pixels[i - width]);
            i++;
            for (int x = 1; x < width; x++, i++) {
                int mode = (modes[(y >> bits) * columns + (x >> bits)] >> 8) & 15;
                pixels[i] = sum(pixels[i], predicted(mode, pixels, i));
            }
        }
        return pixels;
    }

    /** The pixel above and to the right of a row's last one is the first of that row: the next in memory. */
    private int predicted(int mode, int[] pixels, int at) {
        int left = pixels[at - 1];
        int above = pixels[at - width];
        int aboveLeft = pixels[at - width - 1];
        int aboveRight = pixels[at - width + 1];
        return switch (mode) {
            case 1 -> left;
            case 2 -> above;
            case 3 -> aboveRight;
            case 4 -> aboveLeft;
            case 5 -> mean(mean(left, aboveRight), above);
            case 6 -> mean(left, aboveLeft);
            case 7 -> mean(left, above);
            case 8 -> mean(aboveLeft, above);
            case 9 -> mean(above, aboveRight);
            case 10 -> mean(mean(left, aboveLeft), mean(above, aboveRight));
            case 11 -> nearer(above, left, aboveLeft);
            case 12 -> perChannel(left, above, aboveLeft, (a, b, c) -> a + b - c);
            case 13 -> perChannel(mean(left, above), aboveLeft, 0, (a, b, _) -> a + (a - b) / 2);
            default -> BLACK;
        };
    }

    static int sum(int a, int b) {
        int alphaAndGreen = (a & 0xff00ff00) + (b & 0xff00ff00);
        int redAndBlue = (a & 0xff00ff) + (b & 0xff00ff);
        return (alphaAndGreen & 0xff00ff00) | (redAndBlue & 0xff00ff);
    }

    private static int mean(int a, int b) {
        return (((a ^ b) & 0xfefefefe) >>> 1) + (a & b);
    }

    private static int nearer(int a, int b, int corner) {
        int difference = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            int c = (corner >> shift) & 0xff;
            difference += Math.abs(((b >> shift) & 0xff) - c) - Math.abs(((a >> shift) & 0xff) - c);
        }
        return difference <= 0 ? a : b;
    }

    private interface Channel {
        int of(int a, int b, int c);
    }

    private static int perChannel(int a, int b, int c, Channel channel) {
        int result = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            int value = channel.of((a >> shift) & 0xff, (b >> shift) & 0xff, (c >> shift) & 0xff);
            result |= Math.clamp(value, 0, 255) << shift;
        }
        return result;
    }
}
