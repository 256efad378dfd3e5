package sightline.language.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sightline.language.schedule.SequenceId;
import sightline.torch.DType;
import sightline.torch.Device;
import sightline.torch.NativeMemory;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.Torch;

class KvStoreTest {
    private static final SequenceId ID = new SequenceId(1);
    private static final KvShape SHAPE = new KvShape(3, 2, 4, DType.FLOAT32);

    @BeforeAll
    static void startTorch() {
        Torch.start(Device.cpu(), 2);
    }

    @Test
    void whatIsNotWrittenIsZero() {
        try (var store = new KvStore(SHAPE); var _ = TensorScope.open()) {
            store.reserve(ID, 1);
            var layer = store.of(ID).get(1);
            layer.write(5, ones(2), ones(2));
            float[] keys = layer.keys(64).toFloats();
            for (int i = 0; i < keys.length; i++) {
                int position = i / (2 * 4);
                assertThat(keys[i]).as("position %s", position).isEqualTo(position == 5 || position == 6 ? 1 : 0);
            }
            assertThat(store.of(ID).get(2).values(64).toFloats()).containsOnly(0);
        }
    }

    @Test
    void memoryIsTakenAndGivenBackWithTheReservation() {
        var large = new KvShape(4, 8, 128, DType.FLOAT32);
        try (var store = new KvStore(large)) {
            long before = NativeMemory.bytes();
            store.reserve(ID, 50);
            // Other memory of the process may go back meanwhile.
            assertThat(NativeMemory.bytes() - before).isGreaterThan(40 * large.blockBytes());
            store.release(ID);
            assertThat(NativeMemory.bytes() - before).isLessThan(20 * large.blockBytes());
        }
    }

    @Test
    void everyReservationIsMadeAndFreedOnce() {
        try (var store = new KvStore(SHAPE)) {
            store.reserve(ID, 1);
            assertThatThrownBy(() -> store.reserve(ID, 1)).hasMessageContaining("twice");
            store.release(ID);
            assertThatThrownBy(() -> store.release(ID)).hasMessageContaining("nobody");
            assertThatThrownBy(() -> store.of(ID)).hasMessageContaining("no KV");
        }
    }

    @Test
    void capacityFollowsFromTheMemory() {
        // 64 positions of 3 layers, keys and values, 2 heads of 4 float32.
        assertThat(SHAPE.blockBytes()).isEqualTo(64 * 3 * 2 * 2 * 4 * 4);
        assertThat(SHAPE.blocksWithin(10 * SHAPE.blockBytes() + 1)).isEqualTo(10);
        assertThatThrownBy(() -> SHAPE.blocksWithin(100)).hasMessageContaining("at least one block");
    }

    private static Tensor ones(int rows) {
        return Tensor.zeros(DType.FLOAT32, rows, 2, 4).fillInPlace(1);
    }
}
