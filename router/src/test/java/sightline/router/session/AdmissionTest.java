package sightline.router.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sightline.wire.Failure;

class AdmissionTest {
    private static final SessionLimits LIMITS = new SessionLimits(2, 100, Duration.ofSeconds(3));

    @Test
    void theNumberOfRequestsIsBounded() {
        var full = Admission.open(LIMITS).admit("a").admit("b");
        assertThat(full.refusal("c")).hasValueSatisfying(failure -> assertThat(failure)
                .isInstanceOfSatisfying(Failure.Overloaded.class, o -> assertThat(o.backoff()).hasSeconds(3)));
        assertThat(full.release("a").refusal("c")).isEmpty();
    }

    @Test
    void aRunningRequestCannotBeSentTwice() {
        var running = Admission.open(LIMITS).admit("a");
        assertThat(running.refusal("a"))
                .hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.DuplicateRequest.class));
        assertThat(running.release("a").refusal("a")).isEmpty();
    }

    @Test
    void aDrainingRouterTakesNothingNew() {
        var draining = Admission.open(LIMITS).admit("a").drain();
        assertThat(draining.refusal("b"))
                .hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.Draining.class));
        assertThat(draining.release("a").refusal("b")).isPresent();
    }
}
