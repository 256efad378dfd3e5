package sightline.language;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.language.kv.KvChange;
import sightline.language.kv.KvShape;
import sightline.language.model.ImageRows;
import sightline.language.schedule.Demand;
import sightline.language.schedule.Effect;
import sightline.language.schedule.Event;
import sightline.language.schedule.KvLedger;
import sightline.language.schedule.Limits;
import sightline.language.schedule.Scheduler;
import sightline.language.schedule.SchedulerState;
import sightline.language.schedule.SequenceId;
import sightline.language.schedule.Step;
import sightline.runtime.LogValue;
import sightline.runtime.Places;
import sightline.wire.Failure;

/**
 * The actor that owns the model: schedules and starts steps, as many at a time as the model takes, samples and emits the
 * tokens of those that are over, and tells itself to go on.
 *
 * <p>What arrives during a step takes effect before the next one begins. Needs a thread of its own that is never replaced,
 * since tensors and the threads of LibTorch are bound to it.
 */
final class LanguageModel extends AbstractMatchingBehavior<LanguageModel.Command> {
    private static final Logger LOG = LoggerFactory.getLogger(LanguageModel.class);

    /** What the model is told. */
    sealed interface Command {}

    /** Serve this request. Whoever sends it holds a place; the model gives it back. */
    record Begin(SequenceId id, ValidBegin request, CreditPurse purse,
            Consumer<GenerationEvent> listener) implements Command {}

    /** The projected tokens asked for by {@link GenerationEvent.Reserved} are here. */
    record Fetched(SequenceId id, List<ImageRows> images) implements Command {}

    /** They could not be got. */
    record NotFetched(SequenceId id, Failure failure) implements Command {}

    /** There is credit in the request's purse. */
    record CreditCame(SequenceId id) implements Command {}

    /** The router knows that the suspect is run now. */
    record TakeTurn(SequenceId id) implements Command {}

    /** Nobody listens any more; nothing more will be told. */
    record Withdraw(SequenceId id) implements Command {}

    /** Refuse what is running, free the model and stop. */
    record Stop() implements Command {}

    private record NextStep() implements Command {}

    private record StepReady() implements Command {}

    private record Wake() implements Command {}

    /**
     * What the actor works with.
     *
     * @param places bound the mailbox too: a request takes one before its first message and the model gives it back, and
     *        few of its messages are under way at a time: begin, fetched, credit and withdrawal
     * @param stopped completes when the model is freed, with an error if the actor broke
     */
    record Parts(Limits limits, Places places, LoadBoard board, LanguageMetrics metrics, Faults faults,
            CompletableFuture<Done> stopped) {}

    private final Parts parts;
    private final TimerScheduler<Command> timers;
    private final Engine engine;
    private final Scheduler scheduler;
    private final StepRunner steps;
    private final Map<SequenceId, Generation> generations = new HashMap<>();
    private SchedulerState state;
    private long stepsDone;
    private boolean stopping;

    /** An actor that makes its model on its own thread, and stops at once where that fails. */
    static Behavior<Command> create(Parts parts, Supplier<Optional<Engine>> load) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> load.get()
                .<Behavior<Command>>map(engine -> new LanguageModel(context, timers, parts, engine))
                .orElseGet(Behaviors::stopped)));
    }

    private LanguageModel(ActorContext<Command> context, TimerScheduler<Command> timers, Parts parts, Engine engine) {
        super(context);
        this.parts = parts;
        this.timers = timers;
        this.engine = engine;
        this.scheduler = new Scheduler(parts.limits().withStepsUnderWay(engine.runner().depth()));
        this.steps = new StepRunner(engine.runner(), engine.vocabulary(), generations);
        this.state = SchedulerState.idle(KvLedger.empty(KvShape.BLOCK_POSITIONS, engine.kvBlocks()));
        show(state);
    }

    @Override
    public Behavior<Command> onMessage(Command command) {
        return switch (command) {
            case Begin begin -> onBegin(begin);
            case Fetched(var id, var images) -> onFetched(id, images);
            case NotFetched(var id, var failure) -> onNotFetched(id, failure);
            case CreditCame(var id) -> onCreditCame(id);
            case TakeTurn(var id) -> feed(new Event.TurnTaken(id));
            case Withdraw(var id) -> onWithdraw(id);
            case NextStep() -> feed(new Event.StepDue());
            case StepReady() -> onStepReady();
            case Wake() -> feed(new Event.Woken());
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

    private Behavior<Command> onBegin(Begin message) {
        var request = message.request();
        generations.put(message.id(),
                new Generation(request, message.purse(), message.listener(), System.nanoTime()));
        return feed(new Event.Arrived(new Demand(message.id(), request.shape(KvShape.BLOCK_POSITIONS),
                request.answerIds().size(), request.maxNewTokens(), System.nanoTime(), request.priority(),
                request.deadlineNanos(),
                request.credit(), request.suspect())));
    }

    private Behavior<Command> onFetched(SequenceId id, List<ImageRows> images) {
        known(id).ifPresent(generation -> generation.onFetched(images, System.nanoTime()));
        return feed(new Event.Fetched(id));
    }

    private Behavior<Command> onNotFetched(SequenceId id, Failure failure) {
        leave(id).ifPresent(generation -> generation.onFailure(failure));
        return feed(new Event.Withdrawn(id));
    }

    private Behavior<Command> onCreditCame(SequenceId id) {
        return known(id).map(generation -> feed(new Event.Credited(id, generation.purse().take()))).orElse(this);
    }

    private Behavior<Command> onWithdraw(SequenceId id) {
        leave(id).ifPresent(_ -> parts.metrics().cancelled());
        return feed(new Event.Withdrawn(id));
    }

    private Behavior<Command> onStop() {
        stopping = true;
        return Behaviors.stopped();
    }

    /** Comes after a failure too: then the process is in an unknown state, and ends. */
    private void onPostStop() {
        try {
            for (var id : List.copyOf(generations.keySet())) {
                leave(id).ifPresent(generation -> generation.onFailure(stopping
                        ? new Failure.Draining("this node is going away")
                        : new Failure.Bug(generation.begin().requestId())));
            }
            engine.runner().close();
        } finally {
            tellStopped();
        }
    }

    private void tellStopped() {
        if (stopping) {
            parts.stopped().complete(Done.getInstance());
        } else {
            parts.stopped().completeExceptionally(new IllegalStateException("the language model broke"));
        }
    }

    private Behavior<Command> feed(Event event) {
        var transition = scheduler.transition(state, event, System.nanoTime());
        var before = state;
        state = transition.state();
        show(before);
        transition.effects().forEach(this::carryOut);
        return this;
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.Admit admit -> onAdmit(admit);
            case Effect.OfferTurn(var id) -> known(id).ifPresent(Generation::onTurn);
            case Effect.Grow(var id, var blocks) -> change(new KvChange.Grow(id, blocks));
            case Effect.Release(var id) -> change(new KvChange.Release(id));
            case Effect.Keep(var id, var index, var number) -> change(new KvChange.Keep(id, index, number));
            case Effect.Drop(var number) -> change(new KvChange.Drop(number));
            case Effect.Finish(var id, var by) -> leave(id).ifPresent(
                    generation -> generation.onComplete(by == Effect.EndedBy.ITSELF, System.nanoTime()));
            case Effect.Refuse(var id, var failure) ->
                    leave(id).ifPresent(generation -> generation.onFailure(failure));
            case Effect.StepSoon() -> getContext().getSelf().tell(new NextStep());
            case Effect.Run(var step) -> run(step);
            case Effect.WakeAt(var nanos) -> timers.startSingleTimer(new Wake(),
                    Duration.ofNanos(Math.max(0, nanos - System.nanoTime())));
        }
    }

    private void onAdmit(Effect.Admit admit) {
        change(new KvChange.Reserve(admit.id(), admit.blocks()));
        change(new KvChange.Recall(admit.id(), admit.recalled()));
        int positions = admit.recalled().size() * KvShape.BLOCK_POSITIONS;
        known(admit.id()).ifPresent(generation -> generation.onReserved(positions, System.nanoTime()));
    }

    private void change(KvChange change) {
        engine.runner().change(change);
    }

    private void run(Step step) {
        parts.faults()
                .onStep(step.prefills()
                        .stream()
                        .flatMap(prefill -> known(prefill.id()).stream())
                        .map(Generation::begin));
        steps.start(step, () -> getContext().getSelf().tell(new StepReady()));
    }

    private Behavior<Command> onStepReady() {
        var finished = steps.finish();
        stepsDone++;
        parts.metrics().step(finished.step(), finished.nanos());
        parts.metrics()
                .generated(finished.results().stream().filter(StepRunner.Result.Token.class::isInstance).count());
        return feed(new Event.StepDone(finished.results().stream().flatMap(this::sampled).toList()));
    }

    private Stream<Event.Sampled> sampled(StepRunner.Result result) {
        return switch (result) {
            case StepRunner.Result.Token(var id) -> known(id).stream()
                    .map(generation -> new Event.Sampled(id, generation.isEnded()));
            case StepRunner.Result.Late(var id) -> Stream.of(new Event.Sampled(id, false));
            case StepRunner.Result.Broken(var id) -> {
                onBroken(id, "logits are not finite", Failure.Bug::new);
                yield Stream.empty();
            }
            case StepRunner.Result.Diverged(var id, var index) -> {
                var why = "token " + index + " came out differently when read again";
                onBroken(id, why, _ -> new Failure.Diverged(why + " (expected: the same one)"));
                yield Stream.empty();
            }
        };
    }

    private void onBroken(SequenceId id, String why, Function<String, Failure> failure) {
        leave(id).ifPresent(generation -> {
            var requestId = generation.begin().requestId();
            LOG.error("event=request-broken request={} reason=\"{}\"", LogValue.of(requestId), why);
            generation.onFailure(failure.apply(requestId));
        });
        feed(new Event.Withdrawn(id));
    }

    private void show(SchedulerState before) {
        parts.board().post(stepsDone, state);
        parts.metrics().state(before, state);
    }

    private Optional<Generation> known(SequenceId id) {
        return Optional.ofNullable(generations.get(id));
    }

    private Optional<Generation> leave(SequenceId id) {
        var left = Optional.ofNullable(generations.remove(id));
        left.ifPresent(_ -> parts.places().giveBack());
        return left;
    }
}
