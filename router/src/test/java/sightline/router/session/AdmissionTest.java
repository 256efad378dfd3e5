package sightline.router.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import sightline.wire.Failure;

class AdmissionTest {
    private static final SessionLimits LIMITS = new SessionLimits(2, 100, Duration.ofSeconds(3));

    private static final String TENANT = "tenant";
    private static final long NOW = Long.MAX_VALUE; // nanoTime may wrap round

    @Test
    void theNumberOfRequestsIsBounded() {
        var full = running("a", "b");
        assertThat(full.refusal(TENANT, "c", NOW)).hasValueSatisfying(failure -> assertThat(failure)
                .isInstanceOfSatisfying(Failure.Overloaded.class, o -> assertThat(o.backoff()).hasSeconds(3)));
        full.release(TENANT, "a");
        assertThat(full.refusal(TENANT, "c", NOW)).isEmpty();
    }

    @Test
    void aRunningRequestCannotBeSentTwice() {
        var running = running("a");
        assertThat(running.refusal(TENANT, "a", NOW))
                .hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.DuplicateRequest.class));
        running.release(TENANT, "a");
        assertThat(running.refusal(TENANT, "a", NOW)).isEmpty();
    }

    @Test
    void tenantsMayUseTheSameIds() {
        var running = running("a");
        assertThat(running.refusal("other", "a", NOW)).isEmpty();
        running.admit("other", "a");
        running.release("other", "a");
        assertThat(running.refusal(TENANT, "a", NOW)).isPresent();
    }

    @Test
    void theNextFreePlaceIsForATenantThatFoundNoneAndRunsLess() {
        var full = running("a", "b");
        assertThat(full.refusal("other", "c", NOW)).isPresent();
        full.release(TENANT, "a");
        assertThat(full.refusal(TENANT, "d", NOW)).as("it runs its share already").isPresent();
        assertThat(full.refusal("other", "c", NOW)).isEmpty();
        full.admit("other", "c");
        full.release(TENANT, "b");
        assertThat(full.refusal(TENANT, "d", NOW)).as("nobody else asks").isEmpty();
    }

    @Test
    void aPlaceIsNotLeftForLongToWhoDoesNotComeBack() {
        var full = running("a", "b");
        assertThat(full.refusal("other", "c", NOW)).isPresent();
        full.release(TENANT, "a");
        long later = NOW + 10 * LIMITS.retryAfter().toNanos();
        assertThat(full.refusal(TENANT, "d", later)).isEmpty();
    }

    @Test
    void aDrainingRouterTakesNothingNew() {
        var draining = running("a");
        draining.drain();
        assertThat(draining.refusal(TENANT, "b", NOW))
                .hasValueSatisfying(f -> assertThat(f).isInstanceOf(Failure.Draining.class));
        draining.release(TENANT, "a");
        assertThat(draining.refusal(TENANT, "b", NOW)).isPresent();
    }

    private static Admission running(String... requestIds) {
        var admission = new Admission(LIMITS);
        List.of(requestIds).forEach(id -> admission.admit(TENANT, id));
        return admission;
    }
}
