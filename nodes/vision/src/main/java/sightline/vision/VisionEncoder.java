package sightline.vision;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import sightline.vision.EncodeDesk.ReadyImage;
import sightline.vision.tower.ImageEncoder;

/**
 * The actor that owns tower and projector: encodes the pictures of a batch one after the other, each on its own.
 *
 * <p>An exception concerns the picture at which it was thrown. Needs a thread of its own that is never replaced, since
 * tensors and the threads of LibTorch are bound to it.
 */
final class VisionEncoder extends AbstractMatchingBehavior<VisionEncoder.Command> {
    /** What the encoder is told. */
    sealed interface Command {}

    /** Encode these, tell of each, and at last that the batch is done. */
    record Encode(List<ReadyImage> batch, ActorRef<EncodeDesk.Command> replyTo) implements Command {
        Encode {
            batch = List.copyOf(batch);
        }
    }

    /** Free the model and stop. */
    record Stop() implements Command {}

    /** What became of a picture. */
    sealed interface Outcome {}

    /** Its projected tokens, and how long they took. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Done(byte[] bytes, long nanos) implements Outcome {}

    /** Nobody waited for it any more. */
    record Skipped() implements Outcome {}

    /** The encoder threw. */
    record Broken(RuntimeException bug) implements Outcome {}

    /**
     * What the actor works with.
     *
     * @param stopped completes when the model is freed, with an error if the actor broke
     */
    record Parts(VisionLoad load, VisionMetrics metrics, Faults faults,
            CompletableFuture<org.apache.pekko.Done> stopped) {}

    private final Parts parts;
    private final ImageEncoder encoder;
    private boolean stopping;

    /** @param load makes the model, on the encoder's thread; nothing when it failed and has said so */
    static Behavior<Command> create(Parts parts, Supplier<Optional<ImageEncoder>> load) {
        return Behaviors.setup(context -> {
            Optional<Behavior<Command>> loaded = load.get().map(encoder -> new VisionEncoder(context, parts, encoder));
            return loaded.orElseGet(Behaviors::stopped);
        });
    }

    private VisionEncoder(ActorContext<Command> context, Parts parts, ImageEncoder encoder) {
        super(context);
        this.parts = parts;
        this.encoder = encoder;
    }

    @Override
    public Behavior<Command> onMessage(Command command) {
        return switch (command) {
            case Encode(var batch, var replyTo) -> onEncode(batch, replyTo);
            case Stop() -> onStop();
        };
    }

    @Override
    public Behavior<Command> onSignal(Signal signal) {
        if (signal instanceof PostStop) {
            onPostStop();
        }
        return this;
    }

    private Behavior<Command> onEncode(List<ReadyImage> batch, ActorRef<EncodeDesk.Command> replyTo) {
        batch.forEach(image -> replyTo.tell(new EncodeDesk.Encoded(image, encode(image))));
        replyTo.tell(new EncodeDesk.BatchDone());
        return this;
    }

    private Outcome encode(ReadyImage image) {
        long startNanos = System.nanoTime();
        if (!image.image().isWanted(startNanos)) {
            return new Skipped();
        }
        try {
            parts.faults().onEncode(image.preparation().file());
            var bytes = encoder.encode(image.preparation().pixels());
            long nanos = System.nanoTime() - startNanos;
            parts.metrics().encoded(nanos);
            parts.load().stepDone();
            return new Done(bytes, nanos);
        } catch (RuntimeException e) {
            return new Broken(e);
        }
    }

    private Behavior<Command> onStop() {
        stopping = true;
        return Behaviors.stopped();
    }

    /** Comes after a failure too: then the process is in an unknown state, and ends. */
    private void onPostStop() {
        try {
            encoder.close();
        } finally {
            tellStopped();
        }
    }

    private void tellStopped() {
        if (stopping) {
            parts.stopped().complete(org.apache.pekko.Done.getInstance());
        } else {
            parts.stopped().completeExceptionally(new IllegalStateException("the vision encoder broke"));
        }
    }
}
