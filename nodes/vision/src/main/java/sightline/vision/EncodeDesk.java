package sightline.vision;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.runtime.Places;
import sightline.vision.store.ProjectedTokens;
import sightline.vision.store.TokenStore;
import sightline.wire.Failure;
import sightline.wire.ImageKey;
import sightline.wire.TensorSpec;

/**
 * The actor that knows every picture under way: has it prepared while others are encoded, hands the encoder all that are
 * ready as soon as it is free, those that came together in their order, and tells whoever waits.
 *
 * <p>A picture that cannot be read, or at which the encoder throws, fails alone. Never waits for the encoder, which sits
 * in native code for long; so bad pictures are answered at once.
 */
final class EncodeDesk extends AbstractMatchingBehavior<EncodeDesk.Command> {
    private static final Logger LOG = LoggerFactory.getLogger(EncodeDesk.class);
    private static final CompletionStage<Done> FIRST = CompletableFuture.completedStage(Done.getInstance());

    /** What the desk is told. */
    sealed interface Command {}

    /** Encode this picture. Whoever sends it holds a place among the waiting; the desk gives it back. */
    record Encode(EncodeJob job) implements Command {}

    /** The encoder is done with one picture of its batch. */
    record Encoded(ReadyImage image, VisionEncoder.Outcome outcome) implements Command {}

    /** The encoder is free. */
    record BatchDone() implements Command {}

    /** Refuse what waits, stop the encoder and stop. */
    record Stop() implements Command {}

    private record Prepared(PendingImage image, Preparation preparation) implements Command {}

    private record Unprepared(PendingImage image, Throwable bug) implements Command {}

    /**
     * What the actor works with.
     *
     * @param waiting places of the jobs that the desk knows of, which bound its mailbox and the encoder's
     * @param spec what the encoder returns
     * @param broken told when the desk ends without having been asked to
     */
    record Parts(ActorRef<VisionEncoder.Command> encoder, TokenStore store, PreparePool pool, Places waiting,
            TensorSpec spec, VisionMetrics metrics, int maxBatch, Runnable broken) {}

    /** A picture that is decoded and preprocessed. */
    record ReadyImage(PendingImage image, Preparation.Ready preparation) {}

    /**
     * The picture that was given to the preparing threads last.
     *
     * @param told done when the desk was told of it
     */
    private record Latest(long arrivedNanos, CompletionStage<Done> told) {}

    private final Parts parts;
    private final Map<ImageKey, PendingImage> pending = new HashMap<>();
    private final Queue<ReadyImage> ready = new ArrayDeque<>();
    private Latest latest = new Latest(0, FIRST);
    private boolean encoderBusy;
    private boolean stopping;

    static Behavior<Command> create(Parts parts) {
        return Behaviors.setup(context -> new EncodeDesk(context, parts));
    }

    private EncodeDesk(ActorContext<Command> context, Parts parts) {
        super(context);
        this.parts = parts;
    }

    @Override
    public Behavior<Command> onMessage(Command command) {
        return switch (command) {
            case Encode(var job) -> onEncode(job);
            case Prepared(var image, var preparation) -> onPrepared(image, preparation);
            case Unprepared(var image, var bug) -> onBug(image, bug);
            case Encoded(var image, var outcome) -> onEncoded(image, outcome);
            case BatchDone() -> onBatchDone();
            case Stop() -> onStop();
        };
    }

    @Override
    public Behavior<Command> onSignal(Signal signal) {
        if (signal instanceof PostStop && !stopping) {
            parts.broken().run();
        }
        return this;
    }

    private Behavior<Command> onEncode(EncodeJob job) {
        var held = parts.store().lease(job.key(), job.lease());
        var same = pending.get(job.key());
        if (held.isPresent()) {
            parts.waiting().giveBack();
            job.listener().onEncoded(job, held.get(), EncodeJob.Timing.ofStored());
        } else if (same != null) {
            same.join(job);
        } else {
            var image = new PendingImage(job);
            pending.put(job.key(), image);
            prepare(image);
        }
        return this;
    }

    private void prepare(PendingImage image) {
        var prepared = parts.pool()
                .prepare(image.key(), image.first().encoded(),
                        () -> image.isWanted(System.nanoTime()));
        var before = latest.arrivedNanos() == image.arrivedNanos() ? latest.told() : FIRST;
        var self = getContext().getSelf();
        latest = new Latest(image.arrivedNanos(),
                prepared.handle((preparation, error) -> told(image, preparation, error))
                        .thenCombine(before, (told, _) -> {
                            self.tell(told);
                            return Done.getInstance();
                        }));
    }

    private static Command told(PendingImage image, @Nullable Preparation preparation, @Nullable Throwable error) {
        if (preparation != null) {
            return new Prepared(image, preparation);
        }
        return new Unprepared(image, error == null ? new IllegalStateException("no result") : error);
    }

    private Behavior<Command> onPrepared(PendingImage image, Preparation preparation) {
        switch (preparation) {
            case Preparation.Ready itself -> {
                ready.add(new ReadyImage(image, itself));
                feedEncoder();
            }
            case Preparation.Refused(var failure) -> refuseAll(image, failure);
            case Preparation.Unwanted() -> {
                if (isStillWanted(image)) {
                    prepare(image);
                }
            }
        }
        return this;
    }

    private Behavior<Command> onBug(PendingImage image, Throwable bug) {
        LOG.error("event=picture-failed image={}", image.key(), bug);
        refuseAll(image, new Failure.Bug(image.key().toString()));
        return this;
    }

    private Behavior<Command> onEncoded(ReadyImage image, VisionEncoder.Outcome outcome) {
        switch (outcome) {
            case VisionEncoder.Done(var bytes, var nanos) -> finish(image, bytes, nanos);
            case VisionEncoder.Broken(var bug) -> onBug(image.image(), bug);
            case VisionEncoder.Skipped() -> {
                if (isStillWanted(image.image())) {
                    ready.add(image);
                }
            }
        }
        return this;
    }

    private Behavior<Command> onBatchDone() {
        encoderBusy = false;
        feedEncoder();
        return this;
    }

    private void feedEncoder() {
        if (encoderBusy) {
            return;
        }
        List<ReadyImage> batch = new ArrayList<>();
        while (batch.size() < parts.maxBatch() && !ready.isEmpty()) {
            var next = ready.remove();
            if (isStillWanted(next.image())) {
                batch.add(next);
            }
        }
        if (!batch.isEmpty()) {
            encoderBusy = true;
            parts.metrics().batch(batch.size());
            parts.encoder().tell(new VisionEncoder.Encode(batch, getContext().getSelf()));
        }
    }

    private void finish(ReadyImage ready, byte[] bytes, long encodeNanos) {
        var image = ready.image();
        pending.remove(image.key());
        var jobs = image.takeAll();
        var held = parts.store()
                .put(new ProjectedTokens(image.key(), parts.spec(), bytes),
                        jobs.stream().map(EncodeJob::lease).toList());
        parts.metrics().storeBytes(parts.store().bytes());
        long nowNanos = System.nanoTime();
        for (EncodeJob job : jobs) {
            parts.waiting().giveBack();
            job.listener().onEncoded(job, held, timing(job, ready.preparation().micros(), encodeNanos, nowNanos));
        }
    }

    private static EncodeJob.Timing timing(EncodeJob job, long preprocessMicros, long encodeNanos, long nowNanos) {
        long encodeMicros = TimeUnit.NANOSECONDS.toMicros(encodeNanos);
        long totalMicros = TimeUnit.NANOSECONDS.toMicros(nowNanos - job.arrivedNanos());
        return new EncodeJob.Timing(Math.max(0, totalMicros - preprocessMicros - encodeMicros), preprocessMicros,
                encodeMicros, false);
    }

    /** Lets go of the jobs that nobody waits for, and of the image with the last of them. */
    private boolean isStillWanted(PendingImage image) {
        for (EncodeJob job : image.takeUnwanted(System.nanoTime())) {
            parts.waiting().giveBack();
            job.listener().onRefused(job, new Failure.Deadline("the deadline passed before the picture's turn"));
        }
        if (image.isAbandoned()) {
            pending.remove(image.key(), image);
            return false;
        }
        return true;
    }

    private void refuseAll(PendingImage image, Failure failure) {
        pending.remove(image.key(), image);
        for (EncodeJob job : image.takeAll()) {
            parts.waiting().giveBack();
            job.listener().onRefused(job, failure);
        }
    }

    private Behavior<Command> onStop() {
        stopping = true;
        List.copyOf(pending.values())
                .forEach(image -> refuseAll(image, new Failure.Draining("this node is going away")));
        parts.encoder().tell(new VisionEncoder.Stop());
        return Behaviors.stopped();
    }
}
