package sightline.torch;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * oneDNN's product of eight-bit rows and eight-bit weights, summed exactly in 32-bit integers: equal bits for any number
 * of rows, of threads, and on any CPU with VNNI.
 *
 * <p>Scales, bias and what follows are applied in float32 by plain Java, a row by itself, and rounded once.
 */
final class Int8Kernel implements LinearKernel {
    private static final BoxedOperator PREPACK = BoxedOperator.named("onednn::qlinear_prepack", "");
    private static final BoxedOperator LINEAR = BoxedOperator.named("onednn::qlinear_pointwise", "");
    private static final IValue ABSENT = Scopes.lasting(new IValue());
    private static final IValue ONE = Scopes.lasting(new IValue(1.0));
    private static final IValue NONE = Scopes.lasting(new IValue(0L));
    private static final IValue ZERO_POINT = Scopes.lasting(new IValue((long) QuantizedRows.ZERO));
    private static final IValue FLOAT32 = Scopes.lasting(
            new IValue((long) ScalarType.Float.value));
    private static final IValue NOTHING_AFTER = BoxedOperator.text("none");
    private static final IValue NO_SCALARS = LINEAR.emptyList(11);
    private static final IValue NO_ALGORITHM = BoxedOperator.text("");

    private final int out;
    private final IValue packed;
    private final IValue scales;
    private final IValue zeroPoints;
    private final float[] bias;
    private final long bytes;

    private Int8Kernel(int out, IValue packed, IValue scales, IValue zeroPoints, float[] bias, long bytes) {
        this.out = out;
        this.packed = packed;
        this.scales = scales;
        this.zeroPoints = zeroPoints;
        this.bias = bias;
        this.bytes = bytes;
    }

    /**
     * Puts a weight into the kernel's layout; the copy lives until this is closed.
     *
     * @param bias [out]
     */
    static Int8Kernel pack(Int8Weight weight, Optional<Tensor> bias) {
        Tensor values = weight.values();
        int out = Math.toIntExact(values.size(0));
        Tensor packed = PREPACK.call(new IValue(values.unwrap()), ABSENT);
        Tensor zeroPoints = Tensor.uninitialized(ScalarType.Int, out).fillInPlace(0);
        long bytes = values.byteSize() + weight.scales().byteSize() + zeroPoints.byteSize();
        return new Int8Kernel(out, lasting(packed), lasting(weight.scales().copy()), lasting(zeroPoints),
                bias.map(Tensor::toFloats).orElseGet(() -> new float[0]), bytes);
    }

    /** Rows and results are of any floating type. */
    @Override
    public Tensor apply(Tensor x, Optional<Activation> after) {
        QuantizedRows rows = QuantizedRows.of(x);
        Tensor y = finished(x, rows, out, (sums, result, row, at, count, blocks) -> {
            Block block = blocks.first;
            read(sums, rows, row, at, count, block, blocks.spare);
            if (after.isPresent()) {
                block.activate(after.get(), count);
            }
            block.write(result, (long) row * out + at, count);
        });
        return y.to(x.dtype());
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        packed.close();
        scales.close();
        zeroPoints.close();
    }

    /** [rows and remainders, out] float32, not yet multiplied by the rows' scales. */
    private Tensor multiply(QuantizedRows rows) {
        return LINEAR.call(new IValue(rows.values().unwrap()), ONE, ZERO_POINT, packed, scales, zeroPoints, ABSENT, ONE,
                NONE, FLOAT32, NOTHING_AFTER, NO_SCALARS, NO_ALGORITHM);
    }

    /**
     * Multiplies, then has every row finished by itself, in stretches: in the sums' own memory where each row stands in its place.
     *
     * @return [rows, width] float32
     */
    private Tensor finished(Tensor x, QuantizedRows rows, int width, RowFinish finish) {
        int count = Math.toIntExact(x.size(0));
        Tensor sums = multiply(rows);
        Tensor result = width == out && rows.inPlace()
                ? sums.firstRows(count)
                : Tensor.uninitialized(ScalarType.Float, count, width);
        MemorySegment source = sums.memory();
        MemorySegment target = result.memory();
        Torch.started().rowThreads().run(count, out, (from, to) -> {
            Blocks blocks = new Blocks(new Block(), new Block(), new Block());
            for (int row = from; row < to; row++) {
                for (int at = 0; at < width; at += Block.SIZE) {
                    finish.finish(source, target, row, at, Math.min(Block.SIZE, width - at), blocks);
                }
            }
        });
        return result;
    }

    /** Reads a stretch of a row, as the layer's result without what follows. */
    private void read(MemorySegment sums, QuantizedRows rows, int row, int at, int count, Block into, Block spare) {
        rows.read(sums, row, out, at, count, into, spare);
        if (bias.length > 0) {
            into.add(bias, at, count);
        }
    }

    private static IValue lasting(Tensor tensor) {
        return Scopes.lasting(new IValue(tensor.unwrap()));
    }

    /** What a thread works in. */
    private record Blocks(Block first, Block second, Block spare) {}

    /** Makes a stretch of a row's result of its sums. */
    @FunctionalInterface
    private interface RowFinish {
        void finish(MemorySegment sums, MemorySegment result, int row, int at, int count, Blocks blocks);
    }

    /** Gate and up in one weight, one below the other. */
    record Gated(Int8Kernel both, Activation activation) implements GatedKernel {
        @Override
        public Tensor apply(Tensor x) {
            QuantizedRows rows = QuantizedRows.of(x);
            int half = both.out / 2;
            Tensor y = both.finished(x, rows, half, (sums, result, row, at, count, blocks) -> {
                Block gate = blocks.first;
                both.read(sums, rows, row, at, count, gate, blocks.spare);
                both.read(sums, rows, row, half + at, count, blocks.second, blocks.spare);
                gate.activate(activation, count);
                gate.multiply(blocks.second, count);
                gate.write(result, (long) row * half + at, count);
            });
            return y.to(x.dtype());
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
