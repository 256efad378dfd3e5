package sightline.vision.image.vp8l;

import sightline.image.UnreadableImage;

/** The five prefix codes by which the pixels of a region are read. */
record CodeGroup(PrefixCode green, PrefixCode red, PrefixCode blue, PrefixCode alpha, PrefixCode distance) {
    static final int LITERALS = 256;
    static final int LENGTHS = 24;
    private static final int DISTANCES = 40;

    /** @param cacheSize colours of the cache, 0 without one */
    static CodeGroup read(BitReader reader, int cacheSize) throws UnreadableImage {
        return new CodeGroup(PrefixCodeReader.read(reader, LITERALS + LENGTHS + cacheSize),
                PrefixCodeReader.read(reader, LITERALS), PrefixCodeReader.read(reader, LITERALS),
                PrefixCodeReader.read(reader, LITERALS), PrefixCodeReader.read(reader, DISTANCES));
    }
}
