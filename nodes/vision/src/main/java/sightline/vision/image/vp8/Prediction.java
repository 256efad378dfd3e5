package sightline.vision.image.vp8;

/** Fills blocks from their neighbours (RFC 6386, section 12), which are not yet filtered. */
final class Prediction {
    private static final int ABOVE_LEFT = 4;
    private static final int ABOVE = 5;

    private Prediction() {}

    /** Predicts a whole luma (16) or chroma (8) block of the macroblock at (column, row). */
    static void whole(Plane plane, Mode mode, int size, int column, int row) {
        int at = plane.at(size * column, size * row);
        switch (mode) {
            case DC -> plane.fill(at, size, average(plane, at, size, row > 0, column > 0));
            case TRUE_MOTION -> trueMotion(plane, at, size);
            case VERTICAL -> {
                for (int y = 0; y < size; y++) {
                    plane.copy(at - plane.stride(), at + y * plane.stride(), size);
                }
            }
            case HORIZONTAL -> {
                for (int y = 0; y < size; y++) {
                    fillRow(plane, at + y * plane.stride(), size, plane.get(at + y * plane.stride() - 1));
                }
            }
            case DOWN_RIGHT, VERTICAL_RIGHT, DOWN_LEFT, VERTICAL_LEFT, HORIZONTAL_DOWN, HORIZONTAL_UP ->
                    throw new IllegalStateException("mode: " + mode + " (expected: one for whole blocks)");
        }
    }

    private static int average(Plane plane, int at, int size, boolean hasAbove, boolean hasLeft) {
        int sum = 0;
        int count = 0;
        for (int i = 0; i < size && hasAbove; i++) {
            sum += plane.get(at - plane.stride() + i);
            count++;
        }
        for (int i = 0; i < size && hasLeft; i++) {
            sum += plane.get(at + i * plane.stride() - 1);
            count++;
        }
        return count == 0 ? 128 : (sum + count / 2) / count;
    }

    private static void trueMotion(Plane plane, int at, int size) {
        int above = at - plane.stride();
        int corner = plane.get(above - 1);
        for (int y = 0; y < size; y++) {
            int row = at + y * plane.stride();
            int difference = plane.get(row - 1) - corner;
            for (int x = 0; x < size; x++) {
                plane.setClipped(row + x, plane.get(above + x) + difference);
            }
        }
    }

    private static void fillRow(Plane plane, int at, int size, int value) {
        for (int x = 0; x < size; x++) {
            plane.set(at + x, value);
        }
    }

    /**
     * Predicts a 4x4 block.
     *
     * @param edge [13] the samples around it: left column from the bottom up, the corner, eight above from left to right
     */
    static void subblock(Plane plane, Mode mode, int at, int[] edge) {
        switch (mode) {
            case DC -> plane.fill(at, 4, average(edge));
            case TRUE_MOTION -> trueMotion(plane, at, 4);
            case VERTICAL -> {
                for (int x = 0; x < 4; x++) {
                    fillColumn(plane, at + x, smooth(edge, ABOVE + x));
                }
            }
            case HORIZONTAL -> {
                for (int y = 0; y < 3; y++) {
                    fillRow(plane, at + y * plane.stride(), 4, smooth(edge, 3 - y));
                }
                fillRow(plane, at + 3 * plane.stride(), 4, (edge[1] + 3 * edge[0] + 2) >> 2);
            }
            case DOWN_RIGHT -> diagonal(plane, at, (x, y) -> smooth(edge, ABOVE_LEFT + x - y));
            case DOWN_LEFT -> diagonal(plane, at, (x, y) -> downLeft(edge, x + y));
            case VERTICAL_RIGHT -> diagonal(plane, at, (x, y) -> verticalRight(edge, x, y));
            case VERTICAL_LEFT -> diagonal(plane, at, (x, y) -> verticalLeft(edge, x, y));
            case HORIZONTAL_DOWN -> diagonal(plane, at, (x, y) -> horizontalDown(edge, x, y));
            case HORIZONTAL_UP -> diagonal(plane, at, (x, y) -> horizontalUp(edge, x + 2 * y));
        }
    }

    private interface Sample {
        int at(int x, int y);
    }

    private static void diagonal(Plane plane, int at, Sample sample) {
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 4; x++) {
                plane.set(at + y * plane.stride() + x, sample.at(x, y));
            }
        }
    }

    private static void fillColumn(Plane plane, int at, int value) {
        for (int y = 0; y < 4; y++) {
            plane.set(at + y * plane.stride(), value);
        }
    }

    private static int average(int[] edge) {
        int sum = 4;
        for (int i = 0; i < 4; i++) {
            sum += edge[i] + edge[ABOVE + i];
        }
        return sum >> 3;
    }

    private static int downLeft(int[] edge, int i) {
        return i == 6 ? (edge[ABOVE + 6] + 3 * edge[ABOVE + 7] + 2) >> 2 : smooth(edge, ABOVE + 1 + i);
    }

    private static int verticalRight(int[] edge, int x, int y) {
        int i = 2 * x - y;
        if (i < 0) {
            return smooth(edge, ABOVE_LEFT + 1 + i);
        }
        return i % 2 == 0 ? between(edge, ABOVE_LEFT + i / 2) : smooth(edge, ABOVE_LEFT + 1 + i / 2);
    }

    private static int verticalLeft(int[] edge, int x, int y) {
        if (x == 3 && y >= 2) {
            return smooth(edge, ABOVE + 3 + y);
        }
        int i = x + y / 2;
        return y % 2 == 0 ? between(edge, ABOVE + i) : smooth(edge, ABOVE + 1 + i);
    }

    private static int horizontalDown(int[] edge, int x, int y) {
        int i = 2 * y - x;
        if (i < 0) {
            return smooth(edge, ABOVE_LEFT - 1 - i);
        }
        return i % 2 == 0 ? between(edge, 3 - i / 2) : smooth(edge, ABOVE_LEFT - 1 - i / 2);
    }

    private static int horizontalUp(int[] edge, int i) {
        if (i > 5) {
            return edge[0];
        }
        if (i == 5) {
            return (edge[1] + 3 * edge[0] + 2) >> 2;
        }
        return i % 2 == 0 ? between(edge, 2 - i / 2) : smooth(edge, 2 - i / 2);
    }

    /** The mean of an edge sample and the next one. */
    private static int between(int[] edge, int i) {
        return (edge[i] + edge[i + 1] + 1) >> 1;
    }

    /** The weighted mean of an edge sample and both its neighbours. */
    private static int smooth(int[] edge, int i) {
        return (edge[i - 1] + 2 * edge[i] + edge[i + 1] + 2) >> 2;
    }
}
