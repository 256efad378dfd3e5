package sightline.router.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sightline.wire.Failure;

class AdmissionTest {
    private static final SessionLimits LIMITS = new SessionLimits(2, 100, Duration.ofSeconds(3));

    @Test
    void theNumberOfRequestsIsBounded() {
        var full = Admission.open(LIMITS).admit("a", 1).admit("b", 1);
        assertThat(full.refusal("c", 1)).hasValueSatisfying(failure -> assertThat(failure)
                .isInstanceOfSatisfying(Failure.Overloaded.class, o -> assertThat(o.backoff()).hasSeconds(3)));
        assertThat(full.release("a").refusal("c", 1)).isEmpty();
    }

    @Test
    void theirBytesAreBounded() {
        var heavy = Admission.open(LIMITS).admit("a", 60);
        assertThat(heavy.refusal("b", 40)).isEmpty();
        assertThat(heavy.refusal("b", 41))
                .hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.Overloaded.class));
    }

    @Test
    void aRunningRequestCannotBeSentTwice() {
        var running = Admission.open(LIMITS).admit("a", 1);
        assertThat(running.refusal("a", 1))
                .hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.DuplicateRequest.class));
        assertThat(running.release("a").refusal("a", 1)).isEmpty();
    }

    @Test
    void aDrainingRouterTakesNothingNew() {
        var draining = Admission.open(LIMITS).admit("a", 1).drain();
        assertThat(draining.refusal("b", 1))
                .hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.Draining.class));
        assertThat(draining.release("a").refusal("b", 1)).isPresent();
    }
}
