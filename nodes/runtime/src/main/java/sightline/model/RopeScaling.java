package sightline.model;

/**
 * How a model that was first trained for a shorter context turns its columns: by other frequencies, each made of the one it had.
 *
 * <p>In float32, operation by operation as transformers.
 */
// https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/modeling_rope_utils.py
public sealed interface RopeScaling {
    RopeScaling NONE = new None();

    /** The frequency, in turns by 2π a position, that takes the place of this one. */
    float of(float frequency);

    /** {@code default}. */
    record None() implements RopeScaling {
        @Override
        public float of(float frequency) {
            return frequency;
        }
    }

    /** {@code linear}: as if positions stood closer together. */
    record Linear(double factor) implements RopeScaling {
        @Override
        public float of(float frequency) {
            return frequency / (float) factor;
        }
    }

    /**
     * {@code llama3}: columns that turn often within the first context stay as they are, those that do not turn once are
     * slowed down by the factor, and between the two it goes over smoothly.
     *
     * @param lowTurns turns within the first context below which a column is slowed down
     * @param highTurns turns above which it is not
     * @param positions of the first context
     */
    record Llama3(double factor, double lowTurns, double highTurns, int positions) implements RopeScaling {
        @Override
        public float of(float frequency) {
            float wavelength = 1 / frequency * (float) (2 * Math.PI);
            if (wavelength < (float) (positions / highTurns)) {
                return frequency;
            }
            if (wavelength > (float) (positions / lowTurns)) {
                return frequency / (float) factor;
            }
            float kept = (1 / wavelength * positions - (float) lowTurns) / (float) (highTurns - lowTurns);
            return (1 - kept) * frequency / (float) factor + kept * frequency;
        }
    }
}
