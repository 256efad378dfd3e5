package sightline.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import sightline.language.model.LayerRange;
import sightline.runtime.Settings;
import sightline.runtime.StartFailure;

class SplitSettingsTest {
    @Test
    void aProcessIsAWholeReplicaUnlessTold() throws StartFailure {
        var whole = read(Map.of());
        assertThat(whole.replica()).isEmpty();
        assertThat(whole.ranges(18)).containsExactly(LayerRange.whole(18));
    }

    @Test
    void layersAreThoseOfTheSettingsOrEven() throws StartFailure {
        var half = Map.of("language.replica", "big", "language.stage", "1/2");
        assertThat(read(half).ranges(5)).extracting(LayerRange::count).containsExactly(3, 2);
        var told = new HashMap<>(half);
        told.put("language.layers", "[1, 4]");
        assertThat(read(told).ranges(5)).extracting(LayerRange::count).containsExactly(1, 4);
    }

    @Test
    void whatIsNoPlaceInAReplicaIsRefused() {
        assertRefused(Map.of("language.stage", "second"), "language.stage: second (expected: I/P");
        assertRefused(Map.of("language.stage", "2/2"), "language.stage: 2/2 (expected: I/P with I from 0 to P - 1)");
        assertRefused(Map.of("language.stage", "0/2"), "language.replica: none");
        assertRefused(Map.of("language.replica", "big", "language.stage", "0/2", "language.layers", "[5]"),
                "language.layers: [5] (expected: one number for each of 2 stages");
        assertRefused(Map.of("language.stage-silence", "100ms"), "language.stage-silence");
    }

    private static void assertRefused(Map<String, String> settings, String inMessage) {
        assertThatThrownBy(() -> read(settings)).isInstanceOf(StartFailure.class).hasMessageContaining(inMessage);
    }

    private static SplitSettings read(Map<String, String> settings) throws StartFailure {
        return Settings.read(Settings.load(Optional.empty(), settings), SplitSettings::from);
    }
}
