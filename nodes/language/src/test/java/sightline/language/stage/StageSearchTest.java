package sightline.language.stage;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sightline.language.model.LayerRange;
import sightline.runtime.KnownNode;
import sightline.runtime.NodeDirectory;
import sightline.stage.v1.NodeReport;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;
import sightline.stage.v1.StagePlace;
import sightline.wire.Endpoint;

/** How a search for stages ends. */
class StageSearchTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final List<LayerRange> LAYERS = LayerRange.even(4, 2);
    private static final LinkTerms TERMS = new LinkTerms("big", 0, 2, LAYERS.getFirst(), "digest", "bfloat16", "build",
            32, 8);

    private final ActorTestKit kit = ActorTestKit.create("search-test",
            ConfigFactory.parseString("pekko.actor.provider = local")
                    .withFallback(ConfigFactory.parseResources("sightline/pekko.conf"))
                    .withFallback(ConfigFactory.load()));
    private final CompletableFuture<Done> stopped = new CompletableFuture<>();

    @AfterEach
    void close() {
        kit.shutdownTestKit();
    }

    @Test
    void oneThatBreaksIsNoticed() {
        search(_ -> {
            throw new IllegalStateException("broken on purpose");
        }).tell(new StageSearch.Told(new NodeDirectory.Known(List.of(stage()))));
        assertThat(stopped).failsWithin(LIMIT).withThrowableThat().withMessageContaining("the search for stages broke");
    }

    @Test
    void oneThatRestsEndsInOrder() {
        var search = search(_ -> {
            throw new AssertionError("a search that rests opens no channel");
        });
        search.tell(new StageSearch.Rest());
        search.tell(new StageSearch.Told(new NodeDirectory.Known(List.of(stage()))));
        kit.stop(search, LIMIT);
        assertThat(stopped).succeedsWithin(LIMIT);
    }

    private ActorRef<StageSearch.Command> search(Function<Endpoint, ManagedChannel> open) {
        var rules = new LinkRules(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofMinutes(1));
        var parts = new StageSearch.Parts("head", TERMS, LAYERS, 64, rules, open, _ -> {}, _ -> {}, _ -> {}, () -> {},
                stopped);
        return kit.spawn(Behaviors.supervise(StageSearch.create(parts)).onFailure(SupervisorStrategy.stop()));
    }

    private static KnownNode stage() {
        return new KnownNode(NodeReport.newBuilder()
                .setName("big.1")
                .setRole(Role.ROLE_LANGUAGE)
                .setState(NodeState.NODE_STATE_SERVING)
                .setEndpoint("127.0.0.1:1")
                .setPlace(StagePlace.newBuilder().setReplica("big").setStage(1).setStages(2))
                .build(), KnownNode.Standing.ANSWERING);
    }
}
