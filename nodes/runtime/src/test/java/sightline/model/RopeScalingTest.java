package sightline.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RopeScalingTest {
    /** Columns of Llama 3.1's heads (base 500000, 128 columns), by the formula in 50 decimal places. */
    @ParameterizedTest
    @CsvSource({"0, 1.000000000000000e+00, 1.000000000000000e+00", "20, 1.656044008099445e-02, 1.656044008099445e-02",
        "28, 3.211445994752591e-03, 3.211445994752591e-03", "29, 2.616099252925035e-03, 2.166570763503359e-03",
        "31, 1.736046702176866e-03, 8.567514129196321e-04", "33, 1.152042740262781e-03, 3.126937503840651e-04",
        "34, 9.384738703573802e-04, 1.785078127679964e-04", "35, 7.644969883171747e-04, 9.556212353964683e-05",
        "63, 2.455140791131609e-06, 3.068925988914511e-07"})
    void llama31TurnsItsColumnsByTheseFrequencies(int column, double first, double scaled) {
        float frequency = 1f / (float) StrictMath.pow(500_000, 2f * column / 128);
        assertThat(frequency / first).isCloseTo(1, offset(1e-6));
        assertThat(new RopeScaling.Llama3(8, 1, 4, 8192).of(frequency) / scaled).isCloseTo(1, offset(1e-6));
        assertThat(new RopeScaling.Linear(4).of(frequency) / first).isCloseTo(0.25, offset(1e-6));
        assertThat(RopeScaling.NONE.of(frequency)).isEqualTo(frequency);
    }
}
