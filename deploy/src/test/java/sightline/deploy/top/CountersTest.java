package sightline.deploy.top;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CountersTest {
    @Test
    void sumsOverLabelsWhateverStandsInThem() {
        var counters = Counters.parse("""
                # HELP a_total A.
                # TYPE a_total counter
                a_total{reason="it \\"said\\" } 7",} 2.0
                a_total{reason="",} 1.5e1 1700000000000
                a_total_of_others 100
                b 3

                c{} +Inf
                d NaN
                """, 0);
        assertThat(counters.total("a_total")).isEqualTo(17);
        assertThat(counters.total("b")).isEqualTo(3);
        assertThat(counters.total("c")).isInfinite();
        assertThat(counters.total("d")).isNaN();
        assertThat(counters.total("never_counted")).isZero();
    }

    @Test
    void anythingElseIsRefused() {
        assertThatThrownBy(() -> Counters.parse("<html>not found</html>", 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ratesArePerSecondAndNoneAcrossARestart() {
        var before = Counters.parse("sightline_requests_total{outcome=\"OK\",} 10", 0);
        var now = Counters.parse("sightline_requests_total{outcome=\"OK\",} 13", 2_000_000_000L);
        assertThat(Throughput.REQUESTS.between(before, now)).hasValue(1.5);
        assertThat(Throughput.REQUESTS.between(now, Counters.parse("", 3_000_000_000L))).isEmpty();
        assertThat(Throughput.REQUESTS.between(now, now)).isEmpty();
    }
}
