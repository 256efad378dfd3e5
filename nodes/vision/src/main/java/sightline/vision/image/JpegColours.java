package sightline.vision.image;

/**
 * Turns JPEG samples into RGB with the integer arithmetic of libjpeg and PIL.
 *
 * <p>YCbCr: the tables of jdcolor.c (16 fraction bits). CMYK: cmyk2rgb of PIL's Convert.c, after the inversion that its
 * JPEG plugin assumes for every file of four components.
 */
final class JpegColours {
    private static final int FRACTION_BITS = 16;
    private static final int HALF = 1 << (FRACTION_BITS - 1);
    private static final int CR_TO_RED = fixed(1.40200);
    private static final int CB_TO_BLUE = fixed(1.77200);
    private static final int CR_TO_GREEN = fixed(0.71414);
    private static final int CB_TO_GREEN = fixed(0.34414);

    private JpegColours() {}

    /**
     * Three-component samples are converted in place.
     *
     * @param samples [pixels, components] uint8
     * @return [pixels, 3] uint8
     */
    static byte[] toRgb(JpegFrame.Colour colour, byte[] samples) {
        return switch (colour) {
            case GREY -> repeated(samples);
            case RGB -> samples;
            case YCC -> {
                convertYcc(samples, 3);
                yield samples;
            }
            case CMYK -> {
                invert(samples);
                yield cmykToRgb(samples);
            }
            case YCCK -> {
                // libjpeg's YCCK to CMYK gives 255 - R, 255 - G, 255 - B and K; the inversion after it leaves R, G, B, 255 - K.
                convertYcc(samples, 4);
                invertBlack(samples);
                yield cmykToRgb(samples);
            }
        };
    }

    private static byte[] repeated(byte[] grey) {
        byte[] rgb = new byte[3 * grey.length];
        for (int i = 0; i < grey.length; i++) {
            rgb[3 * i] = grey[i];
            rgb[3 * i + 1] = grey[i];
            rgb[3 * i + 2] = grey[i];
        }
        return rgb;
    }

    private static void convertYcc(byte[] samples, int step) {
        for (int i = 0; i < samples.length; i += step) {
            int luma = samples[i] & 0xff;
            int cb = (samples[i + 1] & 0xff) - 128;
            int cr = (samples[i + 2] & 0xff) - 128;
            samples[i] = clip(luma + ((CR_TO_RED * cr + HALF) >> FRACTION_BITS));
            samples[i + 1] = clip(luma + ((-CB_TO_GREEN * cb + HALF - CR_TO_GREEN * cr) >> FRACTION_BITS));
            samples[i + 2] = clip(luma + ((CB_TO_BLUE * cb + HALF) >> FRACTION_BITS));
        }
    }

    private static void invert(byte[] samples) {
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) ~samples[i];
        }
    }

    private static void invertBlack(byte[] samples) {
        for (int i = 3; i < samples.length; i += 4) {
            samples[i] = (byte) ~samples[i];
        }
    }

    private static byte[] cmykToRgb(byte[] cmyk) {
        byte[] rgb = new byte[cmyk.length / 4 * 3];
        int to = 0;
        for (int i = 0; i < cmyk.length; i += 4) {
            int white = 255 - (cmyk[i + 3] & 0xff);
            for (int c = 0; c < 3; c++) {
                rgb[to++] = clip(white - dividedBy255((cmyk[i + c] & 0xff) * white));
            }
        }
        return rgb;
    }

    /** MULDIV255 of PIL's ImagingUtils.h. */
    private static int dividedBy255(int product) {
        int rounded = product + 128;
        return ((rounded >> 8) + rounded) >> 8;
    }

    private static byte clip(int value) {
        return (byte) Math.clamp(value, 0, 255);
    }

    private static int fixed(double factor) {
        return (int) (factor * (1 << FRACTION_BITS) + 0.5);
    }
}
