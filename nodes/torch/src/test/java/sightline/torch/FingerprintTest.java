package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class FingerprintTest {
    private final Torch torch = Samples.torch();

    @Test
    void equalBitsGiveEqualFingerprints() {
        try (TensorScope _ = TensorScope.open()) {
            assertThat(of(DType.FLOAT32, new float[]{1, 2, 3, 4}, 2, 2))
                    .isEqualTo(of(DType.FLOAT32, new float[]{1, 2, 3, 4}, 2, 2));
        }
    }

    @Test
    void oneBitShapeOrTypeMakesAnother() {
        try (TensorScope _ = TensorScope.open()) {
            Fingerprint fingerprint = of(DType.FLOAT32, new float[]{1, 2, 3, 4}, 2, 2);
            assertThat(fingerprint).isNotEqualTo(of(DType.FLOAT32, new float[]{1, 2, 3, Math.nextUp(4f)}, 2, 2));
            assertThat(fingerprint).isNotEqualTo(of(DType.FLOAT32, new float[]{1, 2, 3, 4}, 4));
            assertThat(fingerprint).isNotEqualTo(of(DType.BFLOAT16, new float[]{1, 2, 3, 4}, 2, 2));
        }
    }

    @Test
    void textThatIsNoHashIsRefused() {
        assertThatThrownBy(() -> new Fingerprint("zen5")).hasMessageContaining("64 hexadecimal digits");
    }

    private Fingerprint of(DType dtype, float[] values, long... shape) {
        return Fingerprint.of(dtype, torch, List.of(Tensor.of(values, shape)));
    }
}
