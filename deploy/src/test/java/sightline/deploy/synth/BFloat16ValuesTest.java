package sightline.deploy.synth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import sightline.deploy.synth.TensorSpec.Fill;

class BFloat16ValuesTest {

    private static final int ELEMENTS = 1 << 18;

    @Test
    void aRunHoldsTheSameValuesWhereverItBegins() {
        BFloat16Values values = BFloat16Values.of(normal("a", 1), 7);
        byte[] whole = fill(values, 0, 103);
        byte[] tail = fill(values, 40, 63);
        assertThat(MemorySegment.ofArray(whole).asSlice(80).mismatch(MemorySegment.ofArray(tail))).isEqualTo(-1);
    }

    @Test
    void normalValuesHaveTheDeviationAskedFor() {
        float[] values = floats(fill(BFloat16Values.of(normal("a", 0.25), 7), 0, ELEMENTS));
        double squares = 0;
        double sum = 0;
        for (float value : values) {
            sum += value;
            squares += value * value;
        }
        assertThat(sum / ELEMENTS).isCloseTo(0, within(0.25 * 0.02));
        assertThat(Math.sqrt(squares / ELEMENTS)).isCloseTo(0.25, within(0.25 * 0.03));
    }

    @Test
    void tensorsOfOneFileDiffer() {
        assertThat(fill(BFloat16Values.of(normal("a", 1), 7), 0, 64))
                .isNotEqualTo(fill(BFloat16Values.of(normal("b", 1), 7), 0, 64));
    }

    @Test
    void constantsAreExact() {
        assertThat(floats(fill(BFloat16Values.of(new TensorSpec("a", List.of(5), new Fill.Constant(3)), 7), 0, 5)))
                .containsExactly(3, 3, 3, 3, 3);
    }

    private static TensorSpec normal(String name, double deviation) {
        return new TensorSpec(name, List.of(ELEMENTS), new Fill.Normal(deviation));
    }

    private static byte[] fill(BFloat16Values values, long firstElement, int elements) {
        byte[] bytes = new byte[elements * Short.BYTES];
        values.fill(MemorySegment.ofArray(bytes), firstElement);
        return bytes;
    }

    private static float[] floats(byte[] bfloat16) {
        float[] floats = new float[bfloat16.length / Short.BYTES];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = Float.intBitsToFloat((bfloat16[2 * i + 1] & 0xFF) << 24 | (bfloat16[2 * i] & 0xFF) << 16);
        }
        return floats;
    }
}
