package sightline.vision;

import com.google.protobuf.ByteString;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import sightline.image.UnreadableImage;
import sightline.vision.image.ImageDecoder;
import sightline.vision.image.Preprocessor;
import sightline.wire.Failure;
import sightline.wire.ImageKey;
import sightline.wire.Sha256;

/**
 * Decodes and preprocesses pictures on a few threads of its own, in order of arrival; so many at a time bound the memory
 * that decoded pictures take.
 */
final class PreparePool implements AutoCloseable {
    private final ThreadPoolExecutor workers;
    private final Preprocessor preprocessor;
    private final Sha256 preprocessing;
    private final Sha256 model;
    private final VisionMetrics metrics;

    /**
     * What pictures are prepared for.
     *
     * @param preprocessing digest of all that decides pixel values
     * @param model digest of the model
     */
    record Recipe(Preprocessor preprocessor, Sha256 preprocessing, Sha256 model) {}

    /** @param maxWaiting pictures that may wait; whoever submits more has broken a promise */
    PreparePool(int threads, int maxWaiting, Recipe recipe, VisionMetrics metrics) {
        this.workers = new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(maxWaiting), Thread.ofPlatform().daemon().name("prepare-", 1).factory());
        this.preprocessor = recipe.preprocessor();
        this.preprocessing = recipe.preprocessing();
        this.model = recipe.model();
        this.metrics = metrics;
    }

    /**
     * Prepares a picture that must have this key.
     *
     * @param wanted asked when its turn comes
     */
    CompletionStage<Preparation> prepare(ImageKey key, ByteString encoded, BooleanSupplier wanted) {
        var prepared = CompletableFuture.supplyAsync(() -> prepareNow(key, encoded, wanted), workers);
        showWaiting();
        return prepared;
    }

    private Preparation prepareNow(ImageKey key, ByteString encoded, BooleanSupplier wanted) {
        showWaiting();
        if (!wanted.getAsBoolean()) {
            return new Preparation.Unwanted();
        }
        long startNanos = System.nanoTime();
        byte[] file = encoded.toByteArray();
        var sha256 = Sha256.of(file);
        if (!ImageKey.of(sha256, preprocessing, model).equals(key)) {
            return new Preparation.Refused(new Failure.BadMessage(
                    "image_key: " + key + " (expected: the one of this picture, preprocessing and model)"));
        }
        try {
            var pixels = preprocessor.apply(ImageDecoder.decode(file));
            long nanos = System.nanoTime() - startNanos;
            metrics.preprocessed(nanos);
            return new Preparation.Ready(pixels, sha256, TimeUnit.NANOSECONDS.toMicros(nanos));
        } catch (UnreadableImage e) {
            return new Preparation.Refused(new Failure.BadImage(String.valueOf(e.getMessage())));
        }
    }

    /** Pictures whose turn has not come. */
    int waiting() {
        return workers.getQueue().size();
    }

    private void showWaiting() {
        metrics.preprocessWaiting(waiting());
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
