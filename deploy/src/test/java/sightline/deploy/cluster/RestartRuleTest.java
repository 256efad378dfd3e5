package sightline.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.deploy.cluster.RestartRule.Decision.End;
import sightline.deploy.cluster.RestartRule.Decision.Restart;

class RestartRuleTest {
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 6})
    void whatARestartCannotMendEndsTheClusterBeforeTheFirstReady(int exitCode) {
        assertThat(RestartRule.afterEnd(exitCode, false, 1)).isEqualTo(new End(exitCode));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 4, 6, 70, 137})
    void everyEndAfterTheFirstReadyIsFollowedByARestart(int exitCode) {
        assertThat(RestartRule.afterEnd(exitCode, true, 1)).isEqualTo(new Restart(Duration.ofMillis(250)));
    }

    @Test
    void waitDoublesAndThenStaysAtEightSeconds() {
        assertThat(RestartRule.afterEnd(137, true, 2)).isEqualTo(new Restart(Duration.ofMillis(500)));
        assertThat(RestartRule.afterEnd(137, true, 6)).isEqualTo(new Restart(Duration.ofSeconds(8)));
        assertThat(RestartRule.afterEnd(137, true, 1_000_000)).isEqualTo(new Restart(Duration.ofSeconds(8)));
    }

    @Test
    void aProcessThatNeverGetsReadyIsGivenUpAsABug() {
        assertThat(RestartRule.afterEnd(137, false, RestartRule.ATTEMPTS_BEFORE_READY - 1)).isInstanceOf(Restart.class);
        assertThat(RestartRule.afterEnd(137, false, RestartRule.ATTEMPTS_BEFORE_READY)).isEqualTo(new End(70));
    }
}
