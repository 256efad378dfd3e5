package sightline.vision.image;

/**
 * Resizes RGB pictures bit for bit as {@code resize(size, BICUBIC)} of Pillow 13.0.0 does: along one axis, rounded to
 * bytes, then along the other.
 *
 * <p>Computes only the rectangle that the two axes name, and reads only the rows and columns it needs, so memory is
 * bounded by the rectangle and the source and not by the size of the whole result.
 */
final class BicubicResize {
    private static final int HALF = 1 << (BicubicAxis.PRECISION_BITS - 1);

    private final BicubicAxis across;
    private final BicubicAxis down;
    private final byte[] padding;

    /** @param padding [3] uint8: the colour of padded positions, of no account where no axis has any */
    BicubicResize(BicubicAxis across, BicubicAxis down, byte[] padding) {
        this.across = across;
        this.down = down;
        this.padding = padding.clone();
    }

    /**
     * Computes the rectangle.
     *
     * @return [down.count, across.count, 3] uint8
     */
    byte[] apply(RgbImage image) {
        int rowBytes = 3 * image.width();
        if (isDownFirst()) {
            int first = across.begin();
            int columns = across.end() - first;
            byte[] mixed = mixDown(new Region(image.rgb(), 3 * first, rowBytes), columns, 0, constant(columns));
            return mixAcross(new Region(mixed, 0, 3 * columns), down.count(), first, throughPadding(down));
        }
        int first = down.begin();
        int rows = down.end() - first;
        byte[] mixed = mixAcross(new Region(image.rgb(), first * rowBytes, rowBytes), rows, 0, constant(rows));
        return mixDown(new Region(mixed, 0, 3 * across.count()), across.count(), first, throughPadding(across));
    }

    /** As ImagingResampleInner of Pillow 13.0.0 decides; earlier ones always begin across. Rounding makes it matter. */
    private boolean isDownFirst() {
        int removedRows = down.extent().padded() - down.extent().resized();
        int removedColumns = across.extent().padded() - across.extent().resized();
        return removedRows > 0 && removedRows > 2 * removedColumns;
    }

    /**
     * Rows of pixels in a larger array.
     *
     * @param start of the first pixel
     * @param stride bytes from row to row
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Region(byte[] rgb, int start, int stride) {}

    /**
     * Mixes columns.
     *
     * @param firstColumn the position on the axis of the region's first column
     * @param paddingOfRow [rows, 3] what stands in padded columns
     * @return [rows, across.count, 3]
     */
    private byte[] mixAcross(Region from, int rows, int firstColumn, byte[] paddingOfRow) {
        byte[] to = new byte[Math.multiplyExact(rows, 3 * across.count())];
        for (int y = 0; y < rows; y++) {
            int row = from.start() + y * from.stride() - 3 * firstColumn;
            for (int x = 0; x < across.count(); x++) {
                mixPixel(from.rgb(), row, x, paddingOfRow, 3 * y, to, 3 * (y * across.count() + x));
            }
        }
        return to;
    }

    private void mixPixel(byte[] rgb, int row, int x, byte[] pad, int padAt, byte[] to, int target) {
        int base = across.paddingWeight(x);
        int red = HALF + base * (pad[padAt] & 0xff);
        int green = HALF + base * (pad[padAt + 1] & 0xff);
        int blue = HALF + base * (pad[padAt + 2] & 0xff);
        int[] weights = across.weights();
        int from = row + 3 * across.firstInput(x);
        int last = across.weightStart(x) + across.taps(x);
        for (int w = across.weightStart(x); w < last; w++) {
            int weight = weights[w];
            red += (rgb[from] & 0xff) * weight;
            green += (rgb[from + 1] & 0xff) * weight;
            blue += (rgb[from + 2] & 0xff) * weight;
            from += 3;
        }
        to[target] = clip(red);
        to[target + 1] = clip(green);
        to[target + 2] = clip(blue);
    }

    /**
     * Mixes rows.
     *
     * @param firstRow the position on the axis of the region's first row
     * @param paddingOfColumn [columns, 3] what stands in padded rows
     * @return [down.count, columns, 3]
     */
    private byte[] mixDown(Region from, int columns, int firstRow, byte[] paddingOfColumn) {
        int rowBytes = 3 * columns;
        byte[] to = new byte[Math.multiplyExact(down.count(), rowBytes)];
        int[] sums = new int[rowBytes];
        for (int y = 0; y < down.count(); y++) {
            for (int i = 0; i < rowBytes; i++) {
                sums[i] = HALF + down.paddingWeight(y) * (paddingOfColumn[i] & 0xff);
            }
            int row = from.start() + (down.firstInput(y) - firstRow) * from.stride();
            for (int t = 0; t < down.taps(y); t++) {
                addRow(from.rgb(), row + t * from.stride(), down.weights()[down.weightStart(y) + t], sums);
            }
            for (int i = 0; i < rowBytes; i++) {
                to[y * rowBytes + i] = clip(sums[i]);
            }
        }
        return to;
    }

    private static void addRow(byte[] rgb, int from, int weight, int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += (rgb[from + i] & 0xff) * weight;
        }
    }

    /** The padding's colour, count times. */
    private byte[] constant(int count) {
        byte[] colours = new byte[3 * count];
        for (int i = 0; i < colours.length; i++) {
            colours[i] = padding[i % 3];
        }
        return colours;
    }

    /** What an axis makes of nothing but padding: [axis.count, 3]. */
    private byte[] throughPadding(BicubicAxis axis) {
        byte[] colours = new byte[3 * axis.count()];
        for (int i = 0; i < colours.length; i++) {
            int position = i / 3;
            int weight = axis.paddingWeight(position);
            for (int t = 0; t < axis.taps(position); t++) {
                weight += axis.weights()[axis.weightStart(position) + t];
            }
            colours[i] = clip(HALF + weight * (padding[i % 3] & 0xff));
        }
        return colours;
    }

    private static byte clip(int sum) {
        return (byte) Math.clamp(sum >> BicubicAxis.PRECISION_BITS, 0, 255);
    }
}
