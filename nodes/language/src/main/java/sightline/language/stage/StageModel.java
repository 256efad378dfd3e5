package sightline.language.stage;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import sightline.language.kv.KvChange;
import sightline.language.model.RowLayout;
import sightline.language.model.Stage;

/**
 * The actor that owns the layers of a further stage: carries out what its head sends, in order, and nothing of an earlier
 * link once there is a new one.
 *
 * <p>Needs a thread of its own that is never replaced, as the language model's. Whoever sends into its mailbox bounds what
 * is under way: a head has at most one batch for each stage.
 */
public final class StageModel extends AbstractMatchingBehavior<StageModel.Command> {
    /** What the actor is told. */
    public sealed interface Command {}

    /** A head has linked this stage. */
    record Linked(StageCall call) implements Command {}

    record Change(StageCall call, KvChange change) implements Command {}

    /** @param rows of the batch, whole */
    record Compute(StageCall call, long batch, RowLayout layout, boolean joined,
            RowAssembler rows) implements Command {}

    /** The link is over. */
    record Unlinked(StageCall call) implements Command {}

    /** Free the layers and stop. */
    public record Stop() implements Command {}

    private final Stage stage;
    private final StageMetrics metrics;
    private final Consumer<RowLayout> before;
    private final CompletableFuture<Done> stopped;
    private Optional<StageCall> head = Optional.empty();
    private boolean stopping;

    /**
     * An actor that loads its layers on its own thread, and stops at once where that fails.
     *
     * @param before told of every batch before it is computed
     * @param stopped completes when the layers are freed, with an error if the actor broke
     */
    public static Behavior<Command> create(Supplier<Optional<Stage>> load, Consumer<RowLayout> before,
            StageMetrics metrics, CompletableFuture<Done> stopped) {
        return Behaviors.setup(context -> load.get()
                .<Behavior<Command>>map(stage -> new StageModel(context, stage, before, metrics, stopped))
                .orElseGet(Behaviors::stopped));
    }

    private StageModel(ActorContext<Command> context, Stage stage, Consumer<RowLayout> before, StageMetrics metrics,
            CompletableFuture<Done> stopped) {
        super(context);
        this.metrics = metrics;
        this.stage = stage;
        this.before = before;
        this.stopped = stopped;
    }

    @Override
    public Behavior<Command> onMessage(Command command) {
        return switch (command) {
            case Linked(var call) -> onLinked(call);
            case Change(var call, var change) -> onChange(call, change);
            case Compute compute -> onCompute(compute);
            case Unlinked(var call) -> onUnlinked(call);
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

    private Behavior<Command> onLinked(StageCall call) {
        stage.clear();
        head = Optional.of(call);
        return this;
    }

    private Behavior<Command> onChange(StageCall call, KvChange change) {
        if (isHead(call)) {
            stage.change(change);
        }
        return this;
    }

    private Behavior<Command> onCompute(Compute batch) {
        if (isHead(batch.call())) {
            before.accept(batch.layout());
            long beginNanos = System.nanoTime();
            byte[] rows = stage.forward(batch.layout(), batch.joined(), batch.rows().rows());
            metrics.computed(System.nanoTime() - beginNanos);
            batch.call().answer(batch.batch(), rows);
        }
        return this;
    }

    private Behavior<Command> onUnlinked(StageCall call) {
        if (isHead(call)) {
            stage.clear();
            head = Optional.empty();
        }
        return this;
    }

    private Behavior<Command> onStop() {
        stopping = true;
        return Behaviors.stopped();
    }

    private void onPostStop() {
        stage.close();
        if (stopping) {
            stopped.complete(Done.getInstance());
        } else {
            stopped.completeExceptionally(new IllegalStateException("the stage broke"));
        }
    }

    private boolean isHead(StageCall call) {
        return head.filter(call::equals).isPresent();
    }
}
