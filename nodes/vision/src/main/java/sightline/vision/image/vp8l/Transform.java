package sightline.vision.image.vp8l;

/** What an encoder did to the pixels before it coded them. */
sealed interface Transform permits Predicted, Transform.SubtractedGreen, Transform.CrossColour, Transform.Palette {
    /**
     * Undoes it; may change and return the array it was given.
     *
     * @param pixels argb, of the width that was coded
     */
    int[] undo(int[] pixels);

    /** Green was subtracted from red and blue. */
    record SubtractedGreen() implements Transform {
        @Override
        public int[] undo(int[] pixels) {
            for (int i = 0; i < pixels.length; i++) {
                int green = (pixels[i] >> 8) & 0xff;
                int redAndBlue = (pixels[i] & 0xff00ff) + ((green << 16) | green);
                pixels[i] = (pixels[i] & 0xff00ff00) | (redAndBlue & 0xff00ff);
            }
            return pixels;
        }
    }

    /** Colours were decorrelated by factors that differ from square to square. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record CrossColour(int[] factors, int bits, int width) implements Transform {
        @Override
        public int[] undo(int[] pixels) {
            int columns = Vp8lDecoder.squares(width, bits);
            for (int i = 0; i < pixels.length; i++) {
                int square = ((i / width) >> bits) * columns + ((i % width) >> bits);
                pixels[i] = undone(pixels[i], factors[square]);
            }
            return pixels;
        }

        private static int undone(int pixel, int factor) {
            byte green = (byte) (pixel >> 8);
            int red = ((pixel >> 16) + part((byte) factor, green)) & 0xff;
            int blue = (pixel + part((byte) (factor >> 8), green) + part((byte) (factor >> 16), (byte) red)) & 0xff;
            return (pixel & 0xff00ff00) | (red << 16) | blue;
        }

        private static int part(byte factor, byte colour) {
            return (factor * colour) >> 5;
        }
    }

    /** Pixels were replaced by indices into a palette, of which several share a coded pixel when it is small. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Palette(int[] colours, int bits, int width, int height) implements Transform {
        @Override
        public int[] undo(int[] pixels) {
            int perPixel = 1 << bits;
            int indexBits = 8 >> bits;
            int codedWidth = Vp8lDecoder.squares(width, bits);
            int[] unpacked = new int[width * height];
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int packed = (pixels[y * codedWidth + (x >> bits)] >> 8) & 0xff;
                    int index = (packed >> (x % perPixel * indexBits)) & ((1 << indexBits) - 1);
                    unpacked[y * width + x] = index < colours.length ? colours[index] : 0;
                }
            }
            return unpacked;
        }
    }
}
