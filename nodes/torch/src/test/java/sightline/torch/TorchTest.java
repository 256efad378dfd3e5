package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class TorchTest {
    private final Torch running = Samples.torch();

    @Test
    void secondStartWithOtherThreadsIsRefused() {
        assertThat(Torch.start(Device.cpu(), 2)).isSameAs(running);
        assertThatThrownBy(() -> Torch.start(Device.cpu(), 1)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("2 threads");
    }

    @Test
    void everyThreadThatOpensAScopeComputesWithTheSameNumberOfThreads() {
        try (var executor = Executors.newSingleThreadExecutor()) {
            int threads = CompletableFuture.supplyAsync(() -> {
                try (TensorScope _ = TensorScope.open()) {
                    return torch.get_num_threads();
                }
            }, executor).join();
            assertThat(threads).isEqualTo(2);
        }
    }

    @Test
    void buildNamesLibTorchAndOneDnn() {
        assertThat(running.build()).startsWith("pytorch-2.").contains(" onednn-").doesNotContain("unknown");
    }

    @Test
    void computesInFloat32EverywhereAndNeverInFloat16() {
        assertThat(running.supports(DType.FLOAT32)).isTrue();
        assertThat(running.supports(DType.FLOAT16)).isFalse();
        assertThat(running.obstacle(DType.FLOAT16)).hasValueSatisfying(text -> assertThat(text).contains("slower"));
    }

    @Test
    void weightClassesAreReadByNameAndRefusedWithAReason() {
        assertThat(running.weightClass("float32")).isEqualTo(WeightClass.FLOAT32);
        assertThatThrownBy(() -> running.weightClass("int4")).hasMessageContaining("float32, bfloat16, int8 or auto");
        if (running.obstacle(WeightClass.INT8).isEmpty()) {
            assertThat(running.weightClass("int8").compute()).isEqualTo(DType.BFLOAT16);
        } else {
            assertThatThrownBy(() -> running.weightClass("int8")).hasMessageContaining("this CPU lacks");
        }
    }
}
