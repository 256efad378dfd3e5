package sightline.vision.tower;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Feature layers count as {@code hidden_states} of transformers do: one more than there are layers. */
class FeatureLayersTest {
    private static final int LAYERS = 24;

    @ParameterizedTest
    @CsvSource({"-2, 23", "-1, 24", "-25, 0", "0, 0", "1, 1", "24, 24"})
    void onlyLayersUpToTheFeatureAreNeeded(int index, int state) {
        var features = FeatureLayers.of(List.of(index), LAYERS);

        assertThat(features.states()).containsExactly(state);
        assertThat(features.layersNeeded()).isEqualTo(state);
    }

    @Test
    void severalLayersKeepTheirOrder() {
        var features = FeatureLayers.of(List.of(-2, 5, -10), LAYERS);

        assertThat(features.states()).containsExactly(23, 5, 15);
        assertThat(features.layersNeeded()).isEqualTo(23);
    }

    @ParameterizedTest
    @ValueSource(ints = {25, -26})
    void aLayerBeyondTheTowerIsRefused(int index) {
        assertThatThrownBy(() -> FeatureLayers.of(List.of(index), LAYERS)).hasMessageContaining("-25..24");
    }

    @Test
    void noLayerAtAllIsRefused() {
        assertThatThrownBy(() -> FeatureLayers.of(List.of(), LAYERS)).hasMessageContaining("at least one");
    }
}
