package sightline.deploy.synth;

/** The sizes of a LLaVA-Gemma: a CLIP tower, the two-layer projector, a Gemma decoder with one key-value head. */
public record LlavaGemmaShape(Text text, Vision vision, int imageTokenId) {

    /**
     * LLaVA-Gemma 2b as published: {@code <image>} is added behind Gemma's own 256,000 entries, and the embedding is
     * padded to a multiple of 64 rows.
     */
    public static final LlavaGemmaShape TWO_BILLION = new LlavaGemmaShape(
            new Text(256_064, 2048, 16_384, 18, 8, 256, 8192),
            new Vision(1024, 4096, 24, 16, 336, 14), 256_000);

    /** The same form in less than a megabyte. */
    public static final LlavaGemmaShape TINY = new LlavaGemmaShape(new Text(1088, 64, 256, 2, 4, 16, 1024),
            new Vision(32, 64, 3, 2, 56, 14), 1024);

    public LlavaGemmaShape {
        if (imageTokenId >= text.vocabulary()) {
            throw new IllegalArgumentException(
                    "imageTokenId: " + imageTokenId + " (expected: < " + text.vocabulary() + ")");
        }
    }

    /** One key-value head; {@code headSize} does not depend on {@code hidden / heads}. */
    public record Text(int vocabulary, int hidden, int intermediate, int layers, int heads, int headSize,
            int positions) {}

    /** Square pictures of {@code imageSize} pixels in square patches of {@code patchSize}. */
    public record Vision(int hidden, int intermediate, int layers, int heads, int imageSize, int patchSize) {

        /** Patches and the class token. */
        int positions() {
            int side = imageSize / patchSize;
            return side * side + 1;
        }
    }
}
