package sightline.language;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import sightline.model.ModelProblem;
import sightline.runtime.ExitCode;
import sightline.runtime.NodeProcess;
import sightline.runtime.StartFailure;

/**
 * Loads weights on the thread that will use them, while the thread that starts the node waits.
 *
 * @param <T> what is loaded
 */
final class Loading<T> implements Supplier<Optional<T>> {
    private final NodeProcess process;
    private final String model;
    private final int layers;
    private final Loader<T> loader;
    private final CompletableFuture<T> loaded = new CompletableFuture<>();

    /** How it is loaded. */
    interface Loader<T> {
        /** Loads; {@code done} is told the number of layers done. */
        T load(IntConsumer done) throws ModelProblem;
    }

    /**
     * Nothing is loaded yet.
     *
     * @param model its name
     * @param layers that there are to be loaded
     */
    Loading(NodeProcess process, String model, int layers, Loader<T> loader) {
        this.process = process;
        this.model = model;
        this.layers = layers;
        this.loader = loader;
    }

    /** Loads; nothing where that fails, which {@link #await} tells. */
    @Override
    public Optional<T> get() {
        try {
            T whole = loader.load(done -> process.loading(done, layers));
            loaded.complete(whole);
            return Optional.of(whole);
        } catch (ModelProblem | RuntimeException | Error e) { // whoever waits ends the process
            loaded.completeExceptionally(e);
            return Optional.empty();
        }
    }

    /** Waits until all is loaded. */
    T await() throws StartFailure {
        try {
            return loaded.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ModelProblem problem) {
                throw new StartFailure(ExitCode.MODEL, "model " + model + ": " + problem.getMessage(), e);
            }
            throw new IllegalStateException("the model could not be loaded", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the model was loading", e);
        }
    }
}
