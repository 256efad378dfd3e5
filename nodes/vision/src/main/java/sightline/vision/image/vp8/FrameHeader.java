package sightline.vision.image.vp8;

/**
 * The header of a key frame (RFC 6386, section 9).
 *
 * @param segments quantizers and filter levels by segment; four of them, equal where the frame has no segments
 * @param segmentTree [3] probabilities of a macroblock's segment; empty when the frame does not map segments
 * @param partitions 1, 2, 4 or 8 partitions of coefficients
 * @param coefficients [4 types, 8 bands, 3 contexts, 11] probabilities
 * @param skip whether macroblocks may say that they have no coefficients
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record FrameHeader(Segment[] segments, int[] segmentTree, FilterHeader filter, int partitions, int[] coefficients,
        boolean skip, int skipProbability) {
    private static final int SEGMENTS = 4;

    /** What the macroblocks of a segment have in common. */
    record Segment(Quantizer quantizer, int filterLevel) {}

    /** Steps of the coefficients: of luma, of the luma averages (y2), of chroma; DC and AC. */
    record Quantizer(int lumaDc, int lumaAc, int averageDc, int averageAc, int chromaDc, int chromaAc) {}

    /** The in-loop filter, with the adjustments for macroblocks predicted from this frame and for 4x4 prediction. */
    record FilterHeader(boolean simple, int level, int sharpness, int intraDelta, int subblockDelta) {}

    @SuppressWarnings("ArrayRecordComponent")
    private record SegmentHeader(boolean used, boolean absolute, int[] quantizer, int[] level, int[] tree) {}

    /** Reads what stands in the first partition before the macroblocks. */
    static FrameHeader read(BoolReader reader) {
        reader.flag(); // colour space: has no effect
        reader.flag(); // clamping: always done
        SegmentHeader segments = segments(reader);
        FilterHeader filter = filter(reader);
        int partitions = 1 << reader.number(2);
        Quantizer[] quantizers = quantizers(reader, segments);
        reader.flag(); // whether later frames keep the probabilities
        int[] coefficients = coefficients(reader);
        boolean skip = reader.flag();
        int skipProbability = skip ? reader.number(8) : 0;
        Segment[] both = new Segment[SEGMENTS];
        for (int s = 0; s < SEGMENTS; s++) {
            int base = segments.used() && segments.absolute() ? 0 : filter.level();
            both[s] = new Segment(quantizers[s], base + segments.level()[s]);
        }
        return new FrameHeader(both, segments.tree(), filter, partitions, coefficients, skip, skipProbability);
    }

    private static SegmentHeader segments(BoolReader reader) {
        int[] quantizer = new int[SEGMENTS];
        int[] level = new int[SEGMENTS];
        if (!reader.flag()) {
            return new SegmentHeader(false, false, quantizer, level, new int[0]);
        }
        boolean mapped = reader.flag();
        boolean absolute = true;
        if (reader.flag()) {
            absolute = reader.flag();
            for (int s = 0; s < SEGMENTS; s++) {
                quantizer[s] = reader.optionalSignedNumber(7);
            }
            for (int s = 0; s < SEGMENTS; s++) {
                level[s] = reader.optionalSignedNumber(6);
            }
        }
        int[] tree = new int[mapped ? SEGMENTS - 1 : 0];
        for (int i = 0; i < tree.length; i++) {
            tree[i] = reader.flag() ? reader.number(8) : 255;
        }
        return new SegmentHeader(true, absolute, quantizer, level, tree);
    }

    private static FilterHeader filter(BoolReader reader) {
        boolean simple = reader.flag();
        int level = reader.number(6);
        int sharpness = reader.number(3);
        int[] deltas = new int[8];
        boolean used = reader.flag();
        if (used && reader.flag()) {
            for (int i = 0; i < deltas.length; i++) {
                deltas[i] = reader.optionalSignedNumber(6);
            }
        }
        return new FilterHeader(simple, level, sharpness, deltas[0], deltas[4]);
    }

    private static Quantizer[] quantizers(BoolReader reader, SegmentHeader segments) {
        int base = reader.number(7);
        int[] delta = new int[5];
        for (int i = 0; i < delta.length; i++) {
            delta[i] = reader.optionalSignedNumber(4);
        }
        Quantizer[] quantizers = new Quantizer[SEGMENTS];
        for (int s = 0; s < SEGMENTS; s++) {
            int q = (segments.used() && segments.absolute() ? 0 : base) + segments.quantizer()[s];
            quantizers[s] = new Quantizer(dc(q + delta[0], 127), ac(q), 2 * dc(q + delta[1], 127),
                    Math.max(8, ac(q + delta[2]) * 155 / 100), dc(q + delta[3], 117), ac(q + delta[4]));
        }
        return quantizers;
    }

    private static int dc(int index, int highest) {
        return Tables.DC_STEP[Math.clamp(index, 0, highest)];
    }

    private static int ac(int index) {
        return Tables.AC_STEP[Math.clamp(index, 0, 127)];
    }

    private static int[] coefficients(BoolReader reader) {
        byte[] updates = Tables.coefficientUpdates();
        byte[] defaults = Tables.coefficientDefaults();
        int[] probabilities = new int[defaults.length];
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] = reader.bit(updates[i] & 0xff) == 1 ? reader.number(8) : defaults[i] & 0xff;
        }
        return probabilities;
    }
}
