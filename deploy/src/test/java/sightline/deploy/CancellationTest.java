package sightline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sightline.client.Question;
import sightline.deploy.client.RunningRequest;
import sightline.deploy.cluster.ServedCluster;
import sightline.v1.Stopping;

/** What a client leaves behind is freed within one step of the language model. */
@Timeout(120)
class CancellationTest {
    private static final long LIMIT_SECONDS = 60;
    private static final Duration FREED = Duration.ofSeconds(10);

    /** Steps so slow that a cancellation arrives within the one that runs when it is sent. */
    @RegisterExtension
    static final ServedCluster CLUSTER = new ServedCluster(
            Map.of("fault-hooks.enabled", "true", "fault-hooks.delay-step-millis", "2000"));

    @Test
    void cancelledClientFreesItsSequenceWithinOneStep() throws Exception {
        var language = CLUSTER.metrics("language-1");
        var request = RunningRequest.start(CLUSTER.inference(),
                new Question("Describe the image.", List.of(Demo.sample())).request()
                        .setStopping(Stopping.newBuilder().setIgnoreEos(true).setMaxNewTokens(900))
                        .build());
        request.awaitFirstDelta(LIMIT_SECONDS);
        double stepsBefore = language.value("sightline_step_seconds_count");
        request.cancel();
        language.await("sightline_cancelled_total", total -> total == 1, FREED);
        language.await("sightline_sequences_running", running -> running == 0, FREED);
        assertThat(language.value("sightline_kv_blocks_used")).isZero();
        assertThat(language.value("sightline_step_seconds_count")).isBetween(stepsBefore, stepsBefore + 1);
        CLUSTER.metrics("router-1").await("sightline_requests_running", running -> running == 0, FREED);
    }
}
