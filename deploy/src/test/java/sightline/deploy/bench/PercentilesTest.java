package sightline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PercentilesTest {
    @Test
    void areValuesThatWereSeenByNearestRank() {
        var values = Percentiles.of(IntStream.rangeClosed(1, 100).asDoubleStream());
        assertThat(values.at(0.5)).isEqualTo(50);
        assertThat(values.at(0.99)).isEqualTo(99);
        assertThat(values.at(1)).isEqualTo(100);
        assertThat(values.at(0)).isEqualTo(1);
        assertThat(Percentiles.of(DoubleStream.empty()).at(0.5)).isNaN();
    }

    @Test
    void requestsOfAnOpenLoadComeAtTheirRateInTheMean() {
        var random = new Random(5);
        var load = new Load.Open(20);
        double seconds = IntStream.range(0, 20_000).mapToLong(_ -> load.gapNanos(random)).sum() / 1e9;
        assertThat(20_000 / seconds).isBetween(19.0, 21.0);
    }
}
