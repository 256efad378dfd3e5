package sightline.language;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.language.model.DecoderModel;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.runtime.ExitCode;
import sightline.runtime.NodeProcess;
import sightline.runtime.StartFailure;
import sightline.torch.Torch;

/** Loads the model on the thread that will run it, while the thread that starts the node waits. */
final class ModelLoading implements Supplier<Optional<Engine>> {
    private static final Logger LOG = LoggerFactory.getLogger(ModelLoading.class);

    private final NodeProcess process;
    private final ModelDirectory directory;
    private final Torch torch;
    private final DecoderModel.Options options;
    private final CompletableFuture<DecoderModel> warm = new CompletableFuture<>();

    ModelLoading(NodeProcess process, ModelDirectory directory, Torch torch, DecoderModel.Options options) {
        this.process = process;
        this.directory = directory;
        this.torch = torch;
        this.options = options;
    }

    /** Loads; nothing where that fails, which {@link #await} tells. */
    @Override
    public Optional<Engine> get() {
        try {
            LOG.info("event=loading model={} dtype={} kv-blocks={}", directory.name(), options.linears().weights(),
                    options.kvBlocks());
            var model = DecoderModel.load(directory, torch, options, this::onLayer);
            warm.complete(model);
            return Optional.of(
                    new Engine(model.runner(), directory.config().text().vocab(), options.kvBlocks()));
        } catch (ModelProblem | RuntimeException | Error e) { // whoever waits ends the process
            warm.completeExceptionally(e);
            return Optional.empty();
        }
    }

    /** Waits until the model is warm. */
    DecoderModel await() throws StartFailure {
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
        process.loading(done, directory.config().text().layers());
    }
}
