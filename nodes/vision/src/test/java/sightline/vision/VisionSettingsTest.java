package sightline.vision;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sightline.runtime.Settings;
import sightline.runtime.StartFailure;

class VisionSettingsTest {
    private static final long MEBIBYTE = 1 << 20;

    @ParameterizedTest
    @CsvSource({"1,64", "10,25", "100,4"})
    void leasesAreBoundedByTheMemoryOfTheirTokens(int mebibytesEach, int leases) throws StartFailure {
        var settings = Settings.read(
                Settings.load(Optional.empty(), Map.of("vision.max-leases", "64", "vision.lease-memory", "256 MiB")),
                VisionSettings::from);
        assertThat(settings.leases(mebibytesEach * MEBIBYTE)).isEqualTo(leases);
    }
}
