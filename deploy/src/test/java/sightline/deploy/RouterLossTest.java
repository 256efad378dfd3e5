package sightline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sightline.wire.Endpoint;

/** A router that dies takes no answer with it. */
@Timeout(180)
class RouterLossTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Slow steps, so that an answer is surely under way when its router dies. */
    @RegisterExtension
    static final RunningUp UP = new RunningUp("--routers", "2", "--set", "fault-hooks.enabled=true", "--set",
            "fault-hooks.delay-step-millis=20");

    @Test
    void askGoesOnThroughTheOtherRouterAndPrintsTheSame() throws Exception {
        var whole = ask();
        double before = UP.metrics("language-1").value("sightline_generated_tokens_total");
        var running = CompletableFuture.supplyAsync(RouterLossTest::ask);
        UP.metrics("language-1").await("sightline_generated_tokens_total", now -> now > before + 40, LIMIT);
        assertThat(UP.metrics("router-1").value("sightline_requests_running")).isEqualTo(1);
        assertThat(UP.process("router-1").destroyForcibly()).isTrue();
        var ended = running.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        assertThat(ended.out()).isEqualTo(whole.out());
        assertThat(UP.metrics("router-2").value("sightline_replayed_tokens_total")).isPositive();
        assertThat(UP.log("router-2"))
                .containsPattern("event=resume request=\\S+ epoch=0 tokens=\\d+ cause=router-lost");
    }

    private static Commands.Ended ask() {
        var targets = UP.routers().stream().map(Endpoint::toString).collect(Collectors.joining(","));
        return Commands.run("ask", "--target", targets, "--image", Demo.file("sample-1.png").toString(), "--ignore-eos",
                "--max-new-tokens", "200", "--temperature", "1", "--seed", "3", "Describe the image.");
    }
}
