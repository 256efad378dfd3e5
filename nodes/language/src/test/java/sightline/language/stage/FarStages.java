package sightline.language.stage;

import com.typesafe.config.ConfigFactory;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;
import sightline.language.model.DecoderModel;
import sightline.language.model.GoldenCase;
import sightline.language.model.LayerRange;
import sightline.language.model.Stage;
import sightline.model.ModelProblem;
import sightline.stage.v1.Hello;
import sightline.torch.Torch;

/** Further stages of the demo model without cluster and ports: real actors and real services over the in-process transport. */
final class FarStages implements AutoCloseable {
    private final ActorTestKit kit = ActorTestKit.create("stages-test",
            ConfigFactory.parseString("pekko.actor.provider = local")
                    .withFallback(ConfigFactory.parseResources("sightline/pekko.conf"))
                    .withFallback(ConfigFactory.load()));
    private final List<Far> stages = new ArrayList<>();
    private final List<LinkedStages> opened = new ArrayList<>();

    private record Far(ActorRef<StageModel.Command> model, StageService service, Server server, String name,
            CompletableFuture<Done> stopped) {}

    void add(Torch torch, DecoderModel.Options options, LayerRange range, LinkTerms terms, LinkRules rules) {
        var loaded = new CompletableFuture<Stage>();
        var stopped = new CompletableFuture<Done>();
        var model = kit.spawn(StageModel.create(() -> {
            loaded.complete(load(torch, options, range));
            return Optional.of(loaded.join());
        }, _ -> {}, new StageMetrics(new CollectorRegistry()), stopped),
                DispatcherSelector.fromConfig("pekko.actor.native-dispatcher"));
        var stage = loaded.join();
        var service = new StageService(model, terms, stage.proof(), stage.sizes(), rules);
        var name = UUID.randomUUID().toString();
        try {
            var server = InProcessServerBuilder.forName(name).addService(service).build().start();
            stages.add(new Far(model, service, server, name, stopped));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens links to all stages. */
    LinkedStages open(List<Hello> hellos, LinkRules rules, int rowBytes, Consumer<String> lost,
            Consumer<String> leaving) {
        var peers = new ArrayList<LinkedStages.Peer>();
        for (int i = 0; i < hellos.size(); i++) {
            peers.add(new LinkedStages.Peer(InProcessChannelBuilder.forName(stages.get(i).name()).build(),
                    hellos.get(i)));
        }
        var links = new LinkedStages(peers, rules, rowBytes, lost, leaving);
        opened.add(links);
        return links;
    }

    /** Tells the first stage to stop. */
    CompletableFuture<Done> leave() {
        return stages.getFirst().service().leave();
    }

    /** Ends the first stage's server in the midst of everything. */
    void breakOff() {
        stages.getFirst().server().shutdownNow();
    }

    @Override
    public void close() {
        opened.forEach(LinkedStages::close);
        for (var stage : stages) {
            stage.server().shutdownNow();
            stage.service().close();
            stage.model().tell(new StageModel.Stop());
            stage.stopped().orTimeout(10, TimeUnit.SECONDS).join();
        }
        kit.shutdownTestKit();
    }

    private static Stage load(Torch torch, DecoderModel.Options options, LayerRange range) {
        try {
            return Stage.load(GoldenCase.open("demo").model(), torch, options, range, _ -> {});
        } catch (ModelProblem e) {
            throw new IllegalStateException(e);
        }
    }
}
