package sightline.router.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import sightline.wire.Failure;

class AdmissionTest {
    private static final SessionLimits LIMITS = new SessionLimits(2, 100, Duration.ofSeconds(3));

    @Test
    void theNumberOfRequestsIsBounded() {
        var full = running("a", "b");
        assertThat(full.refusal("c")).hasValueSatisfying(failure -> assertThat(failure)
                .isInstanceOfSatisfying(Failure.Overloaded.class, o -> assertThat(o.backoff()).hasSeconds(3)));
        full.release("a");
        assertThat(full.refusal("c")).isEmpty();
    }

    @Test
    void aRunningRequestCannotBeSentTwice() {
        var running = running("a");
        assertThat(running.refusal("a"))
                .hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.DuplicateRequest.class));
        running.release("a");
        assertThat(running.refusal("a")).isEmpty();
    }

    @Test
    void aDrainingRouterTakesNothingNew() {
        var draining = running("a");
        draining.drain();
        assertThat(draining.refusal("b"))
                .hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.Draining.class));
        draining.release("a");
        assertThat(draining.refusal("b")).isPresent();
    }

    private static Admission running(String... requestIds) {
        var admission = new Admission(LIMITS);
        List.of(requestIds).forEach(admission::admit);
        return admission;
    }
}
