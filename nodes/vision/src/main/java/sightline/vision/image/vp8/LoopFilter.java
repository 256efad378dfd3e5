package sightline.vision.image.vp8;

/**
 * The in-loop filter (RFC 6386, section 15), run over whole planes once everything is predicted: prediction within a
 * key frame reads unfiltered samples.
 */
final class LoopFilter {
    private final FrameHeader.FilterHeader header;
    private final Plane luma;
    private final Plane[] chroma;

    /** How strongly the edges of a macroblock are filtered; a limit of 0 is not at all. */
    record Strength(int limit, int innerLimit, int highVariance) {}

    LoopFilter(FrameHeader.FilterHeader header, Plane luma, Plane... chroma) {
        this.header = header;
        this.luma = luma;
        this.chroma = chroma;
    }

    /** @param level of the macroblock's segment */
    Strength strength(int level, boolean split) {
        int adjusted = Math.clamp(level + header.intraDelta() + (split ? header.subblockDelta() : 0), 0, 63);
        if (adjusted == 0 || header.level() == 0) {
            return new Strength(0, 0, 0);
        }
        int inner = adjusted;
        if (header.sharpness() > 0) {
            inner = Math.min(inner >> (header.sharpness() > 4 ? 2 : 1), 9 - header.sharpness());
        }
        inner = Math.max(1, inner);
        return new Strength(2 * adjusted + inner, inner, adjusted >= 40 ? 2 : adjusted >= 15 ? 1 : 0);
    }

    /** Filters the edges of one macroblock; macroblocks come in raster order. */
    void apply(Strength strength, int column, int row, boolean innerEdges) {
        if (strength.limit() == 0) {
            return;
        }
        if (header.simple()) {
            edges(luma, 16, column, row, innerEdges, (at, across, _, outer) -> simple(at, across, outer, strength));
            return;
        }
        edges(luma, 16, column, row, innerEdges, (at, across, _, outer) -> normal(luma, at, across, outer, strength));
        for (Plane plane : chroma) {
            edges(plane, 8, column, row, innerEdges,
                    (at, across, _, outer) -> normal(plane, at, across, outer, strength));
        }
    }

    private interface EdgeSample {
        /** Filters across the edge before this sample. */
        void filter(int at, int across, int along, boolean outer);
    }

    private static void edges(Plane plane, int size, int column, int row, boolean innerEdges, EdgeSample sample) {
        int at = plane.at(size * column, size * row);
        if (column > 0) {
            edge(at, 1, plane.stride(), size, true, sample);
        }
        for (int x = 4; x < size && innerEdges; x += 4) {
            edge(at + x, 1, plane.stride(), size, false, sample);
        }
        if (row > 0) {
            edge(at, plane.stride(), 1, size, true, sample);
        }
        for (int y = 4; y < size && innerEdges; y += 4) {
            edge(at + y * plane.stride(), plane.stride(), 1, size, false, sample);
        }
    }

    private static void edge(int first, int across, int along, int size, boolean outer, EdgeSample sample) {
        int at = first;
        for (int i = 0; i < size; i++) {
            sample.filter(at, across, along, outer);
            at += along;
        }
    }

    private void simple(int at, int across, boolean outer, Strength strength) {
        if (isSmooth(luma, at, across, outer, strength)) {
            filter2(luma, at, across);
        }
    }

    private static void normal(Plane plane, int at, int across, boolean outer, Strength strength) {
        if (!isSmooth(plane, at, across, outer, strength) || !isEven(plane, at, across, strength.innerLimit())) {
            return;
        }
        if (isHighVariance(plane, at, across, strength.highVariance())) {
            filter2(plane, at, across);
        } else if (outer) {
            filter6(plane, at, across);
        } else {
            filter4(plane, at, across);
        }
    }

    private static boolean isSmooth(Plane plane, int at, int across, boolean outer, Strength strength) {
        int limit = 2 * (strength.limit() + (outer ? 4 : 0)) + 1;
        return 4 * difference(plane, at - across, at) + difference(plane, at - 2 * across, at + across) <= limit;
    }

    private static boolean isEven(Plane plane, int at, int across, int limit) {
        return difference(plane, at - 4 * across, at - 3 * across) <= limit
                && difference(plane, at - 3 * across, at - 2 * across) <= limit
                && difference(plane, at - 2 * across, at - across) <= limit
                && difference(plane, at + 3 * across, at + 2 * across) <= limit
                && difference(plane, at + 2 * across, at + across) <= limit
                && difference(plane, at + across, at) <= limit;
    }

    private static boolean isHighVariance(Plane plane, int at, int across, int threshold) {
        return difference(plane, at - 2 * across, at - across) > threshold
                || difference(plane, at + across, at) > threshold;
    }

    private static int difference(Plane plane, int a, int b) {
        return Math.abs(plane.get(a) - plane.get(b));
    }

    /** Four samples in, two out. */
    private static void filter2(Plane plane, int at, int across) {
        int p0 = plane.get(at - across);
        int q0 = plane.get(at);
        int a = 3 * (q0 - p0) + signedByte(plane.get(at - 2 * across) - plane.get(at + across));
        plane.setClipped(at - across, p0 + signedFive((a + 3) >> 3));
        plane.setClipped(at, q0 - signedFive((a + 4) >> 3));
    }

    /** Four samples in, four out. */
    private static void filter4(Plane plane, int at, int across) {
        int p1 = plane.get(at - 2 * across);
        int p0 = plane.get(at - across);
        int q0 = plane.get(at);
        int q1 = plane.get(at + across);
        int a = 3 * (q0 - p0);
        int a1 = signedFive((a + 4) >> 3);
        int a3 = (a1 + 1) >> 1;
        plane.setClipped(at - 2 * across, p1 + a3);
        plane.setClipped(at - across, p0 + signedFive((a + 3) >> 3));
        plane.setClipped(at, q0 - a1);
        plane.setClipped(at + across, q1 - a3);
    }

    /** Six samples in, six out. */
    private static void filter6(Plane plane, int at, int across) {
        int p0 = plane.get(at - across);
        int q0 = plane.get(at);
        int a = signedByte(3 * (q0 - p0) + signedByte(plane.get(at - 2 * across) - plane.get(at + across)));
        int a1 = (27 * a + 63) >> 7;
        int a2 = (18 * a + 63) >> 7;
        int a3 = (9 * a + 63) >> 7;
        plane.add(at - 3 * across, a3);
        plane.add(at - 2 * across, a2);
        plane.add(at - across, a1);
        plane.add(at, -a1);
        plane.add(at + across, -a2);
        plane.add(at + 2 * across, -a3);
    }

    private static int signedByte(int value) {
        return Math.clamp(value, -128, 127);
    }

    private static int signedFive(int value) {
        return Math.clamp(value, -16, 15);
    }
}
