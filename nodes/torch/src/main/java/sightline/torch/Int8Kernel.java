package sightline.torch;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * oneDNN's product of eight-bit rows and eight-bit weights, summed exactly in 32-bit integers: equal bits for any number
 * of rows, of threads, and on any CPU with VNNI.
 *
 * <p>Scales, the sum over a long row's parts, bias and what follows are applied in float32 by plain Java, a row by itself,
 * and rounded once.
 */
final class Int8Kernel implements LinearKernel {
    private final int out;
    private final List<Int8Part> parts;
    private final float[] bias;
    private final long bytes;

    private Int8Kernel(int out, List<Int8Part> parts, float[] bias, long bytes) {
        this.out = out;
        this.parts = List.copyOf(parts);
        this.bias = bias;
        this.bytes = bytes;
    }

    /**
     * Puts a weight into the kernel's layout; the copy lives until this is closed.
     *
     * @param bias [out]
     */
    static Int8Kernel pack(Int8Weight weight, Optional<Tensor> bias) {
        int out = Math.toIntExact(weight.values().size(0));
        List<Int8Part> parts = Int8Part.of(weight);
        // Each part has scales and zero points of its own.
        long bytes = weight.values().byteSize()
                + parts.size() * (weight.scales().byteSize() + (long) out * Integer.BYTES);
        return new Int8Kernel(out, parts, bias.map(Tensor::toFloats).orElseGet(() -> new float[0]), bytes);
    }

    /** Rows and results are of any floating type. */
    @Override
    public Tensor apply(Tensor x, Optional<Activation> after) {
        return finished(x, out, (sums, row, at, count, blocks) -> {
            read(sums, row, at, count, blocks.first, blocks.spare);
            after.ifPresent(activation -> blocks.first.activate(activation, count));
        });
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        parts.forEach(Int8Part::close);
    }

    /**
     * Multiplies, then has every row finished by itself, in stretches: in the sums' own memory where each row stands in
     * its place.
     *
     * @return [rows, width] of the rows' type
     */
    private Tensor finished(Tensor x, int width, RowFinish finish) {
        int count = Math.toIntExact(x.size(0));
        Tensor wide = x.to(DType.FLOAT32).contiguous();
        List<Sums> sums = parts.stream().map(part -> Sums.of(part, wide)).toList();
        Tensor result = width == out && sums.getFirst().rows.inPlace()
                ? sums.getFirst().values.firstRows(count)
                : Tensor.uninitialized(ScalarType.Float, count, width);
        MemorySegment target = result.memory();
        long filled = IntStream.range(0, count).filter(row -> !isBlank(sums, row)).count();
        Torch.started().rowThreads().run(count, filled * out * parts.size() / count, (from, to) -> {
            Blocks blocks = new Blocks(new Block(), new Block(), new Block());
            for (int row = from; row < to; row++) {
                if (isBlank(sums, row)) {
                    target.asSlice((long) row * width * Float.BYTES, (long) width * Float.BYTES).fill((byte) 0);
                    continue;
                }
                for (int at = 0; at < width; at += Block.SIZE) {
                    int numbers = Math.min(Block.SIZE, width - at);
                    finish.finish(sums, row, at, numbers, blocks);
                    blocks.first.write(target, (long) row * width + at, numbers);
                }
            }
        });
        return result.to(x.dtype());
    }

    /** Whether a row comes out as zeros, as padding does: every activation leaves zero where it is. */
    private boolean isBlank(List<Sums> sums, int row) {
        return bias.length == 0 && sums.stream().allMatch(part -> part.rows.isZero(row));
    }

    /** Reads a stretch of a row, as the layer's result without what follows. */
    private void read(List<Sums> sums, int row, int at, int count, Block into, Block spare) {
        into.clear(count);
        for (Sums part : sums) {
            part.rows.addTo(into, part.memory, row, out, at, count, spare);
        }
        if (bias.length > 0) {
            into.add(bias, at, count);
        }
    }

    /** What a part of the weight makes of its columns. */
    private record Sums(QuantizedRows rows, Tensor values, MemorySegment memory) {
        static Sums of(Int8Part part, Tensor wide) {
            QuantizedRows rows = QuantizedRows.of(wide, part.from(), part.width());
            Tensor values = part.multiply(rows);
            return new Sums(rows, values, values.memory());
        }
    }

    /** What a thread works in. */
    private record Blocks(Block first, Block second, Block spare) {}

    /** Makes a stretch of a row's result of its sums, in the first block. */
    @FunctionalInterface
    private interface RowFinish {
        void finish(List<Sums> sums, int row, int at, int count, Blocks blocks);
    }

    /** Gate and up in one weight, one below the other. */
    record Gated(Int8Kernel both, Activation activation) implements GatedKernel {
        @Override
        public Tensor apply(Tensor x) {
            int half = both.out / 2;
            return both.finished(x, half, (sums, row, at, count, blocks) -> {
                Block gate = blocks.first;
                both.read(sums, row, at, count, gate, blocks.spare);
                both.read(sums, row, half + at, count, blocks.second, blocks.spare);
                gate.activate(activation, count);
                gate.multiply(blocks.second, count);
            });
        }

        @Override
        public long bytes() {
            return both.bytes();
        }

        @Override
        public void close() {
            both.close();
        }
    }
}
