package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TileTest {
    @BeforeAll
    static void start() {
        Samples.torch();
    }

    @ParameterizedTest
    @CsvSource({"1,1,8", "8,1,8", "9,1,8 8", "9,2,16", "40,2,16 16 8", "33,8,40"})
    void everyCallHasAWholeNumberOfTilesAndNoRowIsLost(int rows, int joined, String expectedCalls) {
        List<String> calls = new ArrayList<>();
        try (TensorScope _ = TensorScope.open()) {
            Tensor x = Samples.random(DType.FLOAT32, 1, rows, 3);
            Tensor y = new Tile(8, joined).cut(x, part -> {
                calls.add(Long.toString(part.size(0)));
                return part;
            });
            assertThat(y.sameBits(x)).isTrue();
            assertThat(String.join(" ", calls)).isEqualTo(expectedCalls);
        }
    }

    @Test
    void tileWithoutRowsIsRefused() {
        assertThatThrownBy(() -> Tile.separate(0)).hasMessageContaining("expected: both >= 1");
        assertThatThrownBy(() -> new Tile(8, 0)).hasMessageContaining("expected: both >= 1");
    }
}
