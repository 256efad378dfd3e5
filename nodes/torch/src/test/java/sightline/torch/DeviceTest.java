package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cuda:0", "cuda:3", "hpu:1"})
    void readsItsOwnName(String name) {
        assertThat(Device.parse(name)).hasToString(name);
    }

    @Test
    void indexIsZeroWhereNotGiven() {
        assertThat(Device.parse("cuda")).isEqualTo(new Device(Device.Kind.CUDA, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU", "cpu:1", "cuda:1234"})
    void otherNamesAreRefusedWithThePossibleOnes(String name) {
        assertThatThrownBy(() -> Device.parse(name)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected:");
    }

    @Test
    void deviceThatIsNotThereIsRefusedAtStart() {
        Samples.torch();
        assertThatThrownBy(() -> Torch.start(Device.parse("cuda:0"), 2)).hasMessageContaining("cuda:0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cuda:0", "cuda:900", "hpu:0"})
    void tensorsArePlacedOnlyWhereADeviceIs(String name) {
        Samples.torch();
        assumeTrue(name.equals("cuda:900") || !torch.hasCUDA(), "this build has CUDA");
        assertThatThrownBy(() -> Placement.on(Device.parse(name))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("device: " + name + " (expected: ");
    }
}
