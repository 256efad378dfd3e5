package sightline.language;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.language.model.Stage;
import sightline.language.stage.StageMetrics;
import sightline.language.stage.StageModel;
import sightline.language.stage.StageService;
import sightline.runtime.NodeProcess;
import sightline.runtime.StartFailure;

/** Makes a process a further stage of a replica: loads its layers, then computes for its head until the process stops. */
final class StageNode {
    private static final Logger LOG = LoggerFactory.getLogger(StageNode.class);

    private final PreparedModel prepared;
    private final StageCrash crash;

    StageNode(PreparedModel prepared, StageCrash crash) {
        this.prepared = prepared;
        this.crash = crash;
    }

    void start(NodeProcess process) throws StartFailure {
        var loading = prepared.loading(process, done -> Stage.load(prepared.directory(), prepared.torch(),
                prepared.options(), prepared.own(), done));
        var stopped = new CompletableFuture<Done>();
        var model = process.spawn(StageModel.create(loading, crash::onBatch,
                new StageMetrics(process.metrics().registry()), stopped), "stage-model",
                DispatcherSelector.fromConfig(LanguageNode.NATIVE_DISPATCHER));
        var stage = loading.await();
        var proof = stage.proof();
        proof.found().reasons().forEach(reason -> LOG.warn("event=self-test reason=\"{}\"", reason));
        var service = new StageService(model, prepared.terms(process.name()), proof, stage.sizes(),
                prepared.split().links());
        process.serve(service);
        process.onDrain("stage", () -> service.leave().thenCompose(_ -> {
            model.tell(new StageModel.Stop());
            return stopped;
        }));
        process.onStop("stage-link", () -> {
            service.close();
            return CompletableFuture.completedFuture(Done.getInstance());
        });
        LanguageNode.endWith(process, stopped.whenComplete((_, broken) -> {
            if (broken != null) {
                service.breakOff(); // before it leaves: what it computed may be why
            }
        }));
        process.serves(prepared.served(Optional.empty(), 0));
        process.ready();
    }
}
