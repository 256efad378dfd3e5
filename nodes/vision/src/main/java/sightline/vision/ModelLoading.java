package sightline.vision;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.runtime.ExitCode;
import sightline.runtime.NodeProcess;
import sightline.runtime.StartFailure;
import sightline.torch.Linears;
import sightline.torch.Torch;
import sightline.vision.tower.ImageEncoder;
import sightline.vision.tower.Proof;
import sightline.vision.tower.VisionModel;

/** Loads the model on the thread that will run it, while the thread that starts the node waits. */
final class ModelLoading implements Supplier<Optional<ImageEncoder>> {
    private static final Logger LOG = LoggerFactory.getLogger(ModelLoading.class);

    private final NodeProcess process;
    private final ModelDirectory directory;
    private final Torch torch;
    private final Linears linears;
    private final CompletableFuture<Proof> warm = new CompletableFuture<>();

    ModelLoading(NodeProcess process, ModelDirectory directory, Torch torch, Linears linears) {
        this.process = process;
        this.directory = directory;
        this.torch = torch;
        this.linears = linears;
    }

    /** Loads and warms up; nothing where that fails, which {@link #await} tells. */
    @Override
    public Optional<ImageEncoder> get() {
        try {
            LOG.info("event=loading model={} dtype={}", directory.name(), linears.weights());
            var model = VisionModel.load(directory, linears, this::onLayer);
            warm.complete(Proof.of(model, torch));
            return Optional.of(model);
        } catch (ModelProblem | RuntimeException | Error e) { // whoever waits ends the process
            warm.completeExceptionally(e);
            return Optional.empty();
        }
    }

    /** Waits until the model is warm, and tells what its self-test found. */
    Proof await() throws StartFailure {
        try {
            return warm.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ModelProblem problem) {
                throw new StartFailure(ExitCode.MODEL, "model " + directory.name() + ": " + problem.getMessage(), e);
            }
            throw new IllegalStateException("the model could not be loaded", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the model was loading", e);
        }
    }

    private void onLayer(int done) {
        process.loading(done, VisionModel.layersToLoad(directory.config()));
    }
}
