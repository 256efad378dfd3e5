package sightline.deploy.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sightline.client.Question;
import sightline.deploy.HeldOutSet;
import sightline.deploy.client.RunningRequest;
import sightline.deploy.cluster.FaultyWay;
import sightline.deploy.cluster.ServedCluster;
import sightline.stage.v1.Role;

/** A language node that does not reach the vision node, which the router does. */
@Timeout(120)
class RelayTest {
    private static final int QUESTIONS = 8;
    private static final double CLEAR_MARGIN = 0.1;
    private static final long LIMIT_SECONDS = 60;
    private static final FaultyWay WAY = new FaultyWay(Role.ROLE_VISION);

    @RegisterExtension
    static final ServedCluster CLUSTER = new ServedCluster(Map.of("model.dtype", "float32")).reachedBy(WAY);

    @Test
    void projectedTokensGoThroughTheRouterWhenTheDirectWayFails() throws Exception {
        WAY.to("vision-1").refuse(); // the router has its connection, and the language node needed none yet
        for (var item : questions()) {
            var request = new Question(item.question(), List.of(item.picture())).request().build();
            var answer = RunningRequest.start(CLUSTER.inference(), request).awaitAnswer(LIMIT_SECONDS);
            assertThat(answer.choices().getFirst().tokenIds()).isEqualTo(item.goldenIds());
            assertThat(answer.finished().getTimeline().getFailovers()).isZero();
        }
        var passed = CLUSTER.metrics("vision-1").read();
        assertThat(passed).anyMatch(line -> line.startsWith("sightline_projected_bytes_total{path=\"relay\"")
                && !line.endsWith(" 0.0"));
        assertThat(passed).noneMatch(line -> line.startsWith("sightline_projected_bytes_total{path=\"direct\"")
                && !line.endsWith(" 0.0"));
        assertThat(CLUSTER.metrics("router-1").value("sightline_relays_running")).isZero();
        var language = CLUSTER.metrics("language-1");
        assertThat(language.value("sightline_handoff_bytes_total{path=\"relay\",}")).isPositive();
        assertThat(language.value("sightline_handoff_bytes_total{path=\"direct\",}")).isZero();
    }

    private static List<HeldOutSet.Item> questions() throws Exception {
        return HeldOutSet.read()
                .items()
                .stream()
                .filter(item -> item.minMargin() > CLEAR_MARGIN && !item.picture().isEmpty())
                .limit(QUESTIONS)
                .toList();
    }
}
