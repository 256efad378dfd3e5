package sightline.torch;

/**
 * Rotary positions, half-split: the pair of columns i and i + headDim/2 is turned by position · base^(−2i/headDim).
 * Where only the first columns of a head turn, they stand for the head in this.
 *
 * <p>The tables are computed in float32 and rounded to the type computed in, as transformers does; by StrictMath, whose
 * bits are the same on every machine.
 */
// https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/models/gemma/modeling_gemma.py#L82-L149
public final class Rope implements AutoCloseable {
    private final OwnedTensor cosines;
    private final OwnedTensor signedSines;

    private Rope(OwnedTensor cosines, OwnedTensor signedSines) {
        this.cosines = cosines;
        this.signedSines = signedSines;
    }

    /**
     * Computes the tables of one model.
     *
     * @param positions the number of positions, counted from zero, that can be asked for
     * @param headDim columns of a head that turn
     */
    public static Rope tables(DType compute, int positions, int headDim, double base) {
        return tables(compute, positions, headDim, base, frequency -> frequency);
    }

    /** Makes one frequency of another. */
    @FunctionalInterface
    public interface Scaling {
        float of(float frequency);
    }

    /** Computes the tables of a model whose frequencies are not those of its base, but what is made of them. */
    public static Rope tables(DType compute, int positions, int headDim, double base, Scaling scaling) {
        if (headDim % 2 != 0) {
            throw new IllegalArgumentException("headDim: " + headDim + " (expected: even)");
        }
        float[] cos = new float[positions * headDim];
        float[] sin = new float[positions * headDim];
        for (int i = 0; i < headDim / 2; i++) {
            float exponent = 2f * i / headDim;
            float frequency = scaling.of(1f / (float) StrictMath.pow(base, exponent));
            for (int p = 0; p < positions; p++) {
                int low = p * headDim + i;
                int high = low + headDim / 2;
                float angle = p * frequency;
                cos[low] = cos[high] = (float) StrictMath.cos(angle);
                sin[high] = (float) StrictMath.sin(angle);
                sin[low] = -sin[high];
            }
        }
        try (TensorScope _ = TensorScope.open()) {
            return new Rope(Tensor.of(cos, positions, 1, headDim).to(compute).own(),
                    Tensor.of(sin, positions, 1, headDim).to(compute).own());
        }
    }

    /** The turn of rows at these positions; made once per step and used in every layer. */
    public Turn at(long... positions) {
        return new Turn(cosines.tensor().rows(positions), signedSines.tensor().rows(positions));
    }

    @Override
    public void close() {
        cosines.close();
        signedSines.close();
    }

    /** The rotation of given rows, valid in the scope it was made in. */
    public static final class Turn {
        private final Tensor cosines;
        private final Tensor signedSines;

        private Turn(Tensor cosines, Tensor signedSines) {
            this.cosines = cosines;
            this.signedSines = signedSines;
        }

        /**
         * Turns every head of every row; columns beyond those of the tables stay as they are.
         *
         * @param x [rows, heads, headDim]; queries and keys may be turned together, as more heads
         * @return [rows, heads, headDim]
         */
        public Tensor apply(Tensor x) {
            long width = cosines.size(2);
            if (width == x.size(2)) {
                return turned(x);
            }
            return Tensor.cat(2, turned(x.narrow(2, 0, width)), x.narrow(2, width, x.size(2) - width));
        }

        private Tensor turned(Tensor x) {
            // Rolling by half a head and signing the sines beforehand is rotate_half without its negation and joining.
            long half = x.size(2) / 2;
            Tensor rolled = Tensor.wrap(x.unwrap().roll(new long[]{half}, -1));
            return x.mul(cosines).addInPlace(rolled.mulInPlace(signedSines));
        }
    }
}
