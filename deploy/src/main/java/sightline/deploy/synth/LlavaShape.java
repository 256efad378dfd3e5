package sightline.deploy.synth;

/** The sizes of a LLaVA: a CLIP tower, the two-layer projector, a decoder of one of three families. */
record LlavaShape(Text text, Vision vision, int imageTokenId) {

    LlavaShape {
        if (imageTokenId >= text.vocabulary()) {
            throw new IllegalArgumentException(
                    "imageTokenId: " + imageTokenId + " (expected: < " + text.vocabulary() + ")");
        }
    }

    /** Kinds of decoder. */
    enum Family {
        GEMMA, LLAMA, PHI
    }

    /** {@code headSize} does not depend on {@code hidden / heads}. */
    record Text(Family family, int vocabulary, int hidden, int intermediate, int layers, int heads, int keyValueHeads,
            int headSize, int positions) {
        int queryWidth() {
            return heads * headSize;
        }

        int keyWidth() {
            return keyValueHeads * headSize;
        }
    }

    /** Square pictures of {@code imageSize} pixels in square patches of {@code patchSize}. */
    record Vision(int hidden, int intermediate, int layers, int heads, int imageSize, int patchSize) {
        /** Patches and the class token. */
        int positions() {
            int side = imageSize / patchSize;
            return side * side + 1;
        }
    }
}
