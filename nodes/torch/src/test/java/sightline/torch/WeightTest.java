package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WeightTest {
    @BeforeAll
    static void start() {
        Samples.torch();
    }

    @Test
    void copyStaysAfterTheFileIsUnmapped() {
        OwnedTensor copy;
        try (Arena arena = Arena.ofConfined(); TensorScope _ = TensorScope.open()) {
            copy = Samples.weight(arena, "w", new float[]{1, 2, 3}, 3).copy(DType.BFLOAT16);
        }
        try (copy; TensorScope _ = TensorScope.open()) {
            assertThat(copy.tensor().dtype()).isEqualTo(DType.BFLOAT16);
            assertThat(copy.tensor().toFloats()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void viewLooksRowsUpInTheStoredType() {
        try (Arena arena = Arena.ofConfined(); TensorScope _ = TensorScope.open()) {
            Tensor table = Samples.weight(arena, "w", new float[]{1, 2, 3, 4}, 2, 2).view();
            assertThat(table.dtype()).isEqualTo(DType.FLOAT32);
            assertThat(table.rows(1, 0).toFloats()).containsExactly(3, 4, 1, 2);
        }
    }

    @Test
    void nothingButFiniteNumbersIsHandedOut() {
        try (Arena arena = Arena.ofConfined(); TensorScope _ = TensorScope.open()) {
            Weight weight = Samples.weight(arena, "norm.weight", new float[]{1, Float.POSITIVE_INFINITY}, 2);
            assertThatThrownBy(weight::view).isInstanceOf(NonFiniteWeightException.class)
                    .hasMessage("norm.weight: holds NaN or infinity (expected: finite numbers)");
            assertThatThrownBy(() -> weight.copy(DType.FLOAT32)).isInstanceOf(NonFiniteWeightException.class);
            assertThatThrownBy(() -> RmsNorm.gemma(weight, 1e-6)).isInstanceOf(NonFiniteWeightException.class);
        }
    }
}
