package sightline.language.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ExponentialTest {
    @Test
    void isWithinTwoUlpsOfStrictMath() {
        var random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            double x = -700 * Math.pow(random.nextDouble(), 3);
            double exact = StrictMath.exp(x);
            assertThat(Math.abs(Exponential.of(x) - exact)).as("x=%s", x).isLessThanOrEqualTo(2 * Math.ulp(exact));
        }
    }

    @Test
    void endsAreExact() {
        assertThat(Exponential.of(0)).isEqualTo(1);
        assertThat(Exponential.of(-701)).isZero();
        assertThat(Exponential.of(Double.NEGATIVE_INFINITY)).isZero();
    }
}
