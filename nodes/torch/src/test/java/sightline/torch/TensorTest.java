package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TensorTest {
    private TensorScope scope;

    @BeforeEach
    void open() {
        Samples.torch();
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void copiesArraysInAndOut() {
        Tensor tensor = Tensor.of(new float[]{1, 2, 3, 4, 5, 6}, 2, 3);
        assertThat(tensor.shape()).containsExactly(2, 3);
        assertThat(tensor.transpose(0, 1).toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
        assertThat(tensor.permute(1, 0).shape()).containsExactly(3, 2);
        float[] larger = new float[8];
        tensor.copyTo(larger);
        assertThat(larger).containsExactly(1, 2, 3, 4, 5, 6, 0, 0);
    }

    @Test
    void bfloat16RoundsToNearestEven() {
        float[] values = {1 + 1f / 256, 1 + 3f / 256, -3.1415927f};
        assertThat(Tensor.of(values, 3).to(DType.BFLOAT16).toFloats()).containsExactly(1f, 1.015625f, -3.140625f);
    }

    @Test
    void viewSeesItsMemoryAndCopyDoesNot() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2);
            Tensor view = Tensor.viewOf(bytes, DType.FLOAT32, 2);
            Tensor copy = Tensor.copyOf(bytes, DType.FLOAT32, 2);
            bytes.setAtIndex(ValueLayout.JAVA_FLOAT, 1, 7);
            assertThat(view.toFloats()).containsExactly(1, 7);
            assertThat(copy.toFloats()).containsExactly(1, 2);
        }
    }

    @Test
    void bytesThatDoNotFitTheShapeAreRefused() {
        MemorySegment heap = MemorySegment.ofArray(new float[4]);
        assertThatThrownBy(() -> Tensor.viewOf(heap, DType.FLOAT32, 4)).hasMessageContaining("heap");
        assertThatThrownBy(() -> Tensor.copyOf(heap, DType.FLOAT32, 5)).hasMessageContaining("expected");
        assertThatThrownBy(() -> Tensor.copyOf(heap, DType.FLOAT32, 3)).hasMessageContaining("expected");
        assertThatThrownBy(() -> Tensor.of(new float[4], 5)).hasMessageContaining("expected");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment odd = arena.allocate(6);
            assertThatThrownBy(() -> Tensor.viewOf(odd, DType.FLOAT32, 1)).hasMessageContaining("expected");
        }
    }

    @Test
    void bytesComeBackAsTheyWent() {
        byte[] bytes = {1, 2, 3, 4, 5, 6, 7, 8};
        Tensor tensor = Tensor.copyOf(MemorySegment.ofArray(bytes), DType.BFLOAT16, 2, 2);
        assertThat(tensor.toBytes()).containsExactly(bytes);
        assertThat(tensor.transpose(0, 1).toBytes()).containsExactly(1, 2, 5, 6, 3, 4, 7, 8);
    }

    @Test
    void rowsAreTakenInTheOrderAsked() {
        Tensor tensor = Tensor.of(new float[]{0, 1, 10, 11, 20, 21}, 3, 2);
        assertThat(tensor.rows(2, 0, 2).toFloats()).containsExactly(20, 21, 0, 1, 20, 21);
    }

    @Test
    void paddingAddsZeroRows() {
        Tensor padded = Tensor.of(new float[]{1, 2}, 1, 2).padRows(3);
        assertThat(padded.toFloats()).containsExactly(1, 2, 0, 0, 0, 0);
        assertThat(padded.firstRows(1).toFloats()).containsExactly(1, 2);
    }

    @Test
    void writingIntoAViewWritesIntoTheWhole() {
        Tensor whole = Tensor.zeros(DType.BFLOAT16, 3, 2);
        whole.narrow(0, 1, 1).copyInPlace(Tensor.of(new float[]{5, 6}, 1, 2));
        whole.narrow(1, 1, 1).addInPlace(Tensor.of(new float[]{1}, 1)).mulInPlace(2);
        assertThat(whole.toFloats()).containsExactly(0, 2, 5, 14, 0, 2);
    }

    @Test
    void arithmeticBroadcasts() {
        Tensor a = Tensor.of(new float[]{1, 2, 3, 4}, 2, 2);
        Tensor b = Tensor.of(new float[]{10, 20}, 2);
        assertThat(a.add(b).toFloats()).containsExactly(11, 22, 13, 24);
        assertThat(a.mul(b).toFloats()).containsExactly(10, 40, 30, 80);
        assertThat(a.mul(0.5).toFloats()).containsExactly(0.5f, 1, 1.5f, 2);
        assertThat(a.matmul(b.reshape(2, 1)).toFloats()).containsExactly(50, 110);
        assertThat(Tensor.cat(1, a, a).toFloats()).containsExactly(1, 2, 1, 2, 3, 4, 3, 4);
    }

    @Test
    void softmaxOfMaskedScoresSumsToOneAndIsZeroWhereMasked() {
        float minus = Float.NEGATIVE_INFINITY;
        float[] result = Tensor.of(new float[]{0, 0, minus, 1, minus, minus}, 2, 3).softmax().toFloats();
        assertThat(result).containsExactly(0.5f, 0.5f, 0, 1, 0, 0);
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16", "FLOAT16"})
    void sameBitsTellsNaNsAndZerosApart(DType dtype) {
        Tensor a = Tensor.of(new float[]{Float.NaN, 0f}, 2).to(dtype);
        assertThat(a.sameBits(Tensor.of(new float[]{Float.NaN, 0f}, 2).to(dtype))).isTrue();
        assertThat(a.sameBits(Tensor.of(new float[]{Float.NaN, -0f}, 2).to(dtype))).isFalse();
        assertThat(a.sameBits(Tensor.of(new float[]{Float.NaN}, 1).to(dtype))).isFalse();
    }

    @Test
    void sameBitsOfDifferentTypesIsFalse() {
        Tensor zeros = Tensor.zeros(DType.BFLOAT16, 2);
        assertThat(zeros.sameBits(zeros.to(DType.FLOAT16))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void oneBadNumberAnywhereIsFound(float bad) {
        for (DType dtype : new DType[]{DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16}) {
            for (int at = 0; at < 11; at++) {
                float[] values = new float[11];
                assertThat(Tensor.of(values, 11).to(dtype).isFinite()).isTrue();
                values[at] = bad;
                assertThat(Tensor.of(values, 11).to(dtype).isFinite()).as("%s at %d", dtype, at).isFalse();
            }
        }
    }

    @Test
    void largestAndSmallestNumbersAreFinite() {
        float[] values = {Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, -0f, Float.MAX_VALUE};
        assertThat(Tensor.of(values, 5).isFinite()).isTrue();
        float[] halves = {65504, -65504, 6e-8f};
        assertThat(Tensor.of(halves, 3).to(DType.FLOAT16).isFinite()).isTrue();
    }
}
