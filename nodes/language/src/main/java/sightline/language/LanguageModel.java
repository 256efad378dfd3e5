package sightline.language;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import sightline.language.ValidBegin.TicketedRows;
import sightline.language.kv.KvShape;
import sightline.language.model.FurtherStages;
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
    /** What the model is told. */
    sealed interface Command {}

    /** Serve this request. Whoever sends it holds a place; the model gives it back. */
    record Begin(SequenceId id, ValidBegin request, CreditPurse purse,
            Consumer<GenerationEvent> listener) implements Command {}

    /** An image that came without a ticket has it now. */
    record TicketCame(SequenceId id, int image, TicketedRows rows) implements Command {}

    /** The projected tokens asked for by {@link GenerationEvent.Wanted} are here. */
    record Fetched(SequenceId id, int image, ImageRows rows) implements Command {}

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

    /** All further stages of the replica are linked. */
    record Linked(FurtherStages stages) implements Command {}

    /**
     * They have to be linked anew.
     *
     * @param leaving whether one of them was told to stop, rather than lost
     */
    record Unlinked(boolean leaving, String why) implements Command {}

    record NextStep() implements Command {}

    /** The oldest step under way is ready; one of earlier links may say so when there are new ones already. */
    record StepReady(StepRunner steps) implements Command {}

    record Wake() implements Command {}

    /**
     * What the actor works with.
     *
     * @param places bound the mailbox too: a request takes one before its first message and the model gives it back, and
     *        few of its messages are under way at a time: begin, tickets, fetched, credit and withdrawal
     * @param stopped completes when the model is freed, with an error if the actor broke
     */
    record Parts(Limits limits, Places places, LoadBoard board, LanguageMetrics metrics, Faults faults,
            CompletableFuture<Done> stopped) {}

    private final Parts parts;
    private final TimerScheduler<Command> timers;
    private final Engine engine;
    private final Scheduler scheduler;
    private final StepRunner steps;
    private final Function<String, Behavior<Command>> onUnlinked;
    private final Generations generations;
    private SchedulerState state;
    private long stepsDone;
    private boolean stopping;

    /**
     * The actor with a model that is ready, on the thread that made it.
     *
     * @param onUnlinked lets the links go and says what the actor is from then on; told why, before the requests are
     */
    static Behavior<Command> serving(ActorContext<Command> context, TimerScheduler<Command> timers, Parts parts,
            Engine engine, Function<String, Behavior<Command>> onUnlinked) {
        return new LanguageModel(context, timers, parts, engine, onUnlinked);
    }

    private LanguageModel(ActorContext<Command> context, TimerScheduler<Command> timers, Parts parts, Engine engine,
            Function<String, Behavior<Command>> onUnlinked) {
        super(context);
        this.onUnlinked = onUnlinked;
        this.generations = new Generations(parts.places());
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
            case TicketCame(var id, var image, var rows) -> onTicket(id, image, rows);
            case Fetched(var id, var image, var rows) -> onFetched(id, image, rows);
            case NotFetched(var id, var failure) -> onNotFetched(id, failure);
            case CreditCame(var id) -> onCreditCame(id);
            case TakeTurn(var id) -> feed(new Event.TurnTaken(id));
            case Withdraw(var id) -> onWithdraw(id);
            case NextStep() -> feed(new Event.StepDue());
            case StepReady(var of) -> of == steps ? onStepReady() : this; // those of earlier links are over
            case Wake() -> feed(new Event.Woken());
            case Linked _ -> throw new IllegalStateException("linked twice");
            case Unlinked(var leaving, var why) -> onUnlinked(leaving, why);
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
        generations.add(message.id(),
                new Generation(request, message.purse(), message.listener(), System.nanoTime()));
        return feed(new Event.Arrived(new Demand(message.id(), request.tenant(), request.shape(KvShape.BLOCK_POSITIONS),
                request.answerIds().size(), request.maxNewTokens(), System.nanoTime(), request.priority(),
                request.deadlineNanos(),
                request.credit(), request.suspect())));
    }

    private Behavior<Command> onTicket(SequenceId id, int image, TicketedRows rows) {
        generations.of(id).ifPresent(generation -> {
            generation.onTicket(image, rows);
            feed(new Event.Known(id, generation.begin().shape(KvShape.BLOCK_POSITIONS)));
            generation.want();
        });
        return this;
    }

    private Behavior<Command> onFetched(SequenceId id, int image, ImageRows rows) {
        generations.of(id).ifPresent(generation -> generation.onFetched(image, rows));
        feed(new Event.Fetched(id, image));
        lookForRows(id);
        return this;
    }

    /** Time without a row to read is no time of reading. */
    private void lookForRows(SequenceId id) {
        boolean lacks = scheduler.lacksRows(state, id);
        generations.of(id).ifPresent(generation -> generation.lacksRows(lacks, System.nanoTime()));
    }

    private Behavior<Command> onNotFetched(SequenceId id, Failure failure) {
        generations.leave(id).ifPresent(generation -> generation.onFailure(failure));
        return feed(new Event.Withdrawn(id));
    }

    private Behavior<Command> onCreditCame(SequenceId id) {
        return generations.of(id)
                .map(generation -> feed(new Event.Credited(id, generation.purse().take())))
                .orElse(this);
    }

    private Behavior<Command> onWithdraw(SequenceId id) {
        generations.leave(id).ifPresent(_ -> parts.metrics().cancelled());
        return feed(new Event.Withdrawn(id));
    }

    private Behavior<Command> onUnlinked(boolean leaving, String why) {
        var next = onUnlinked.apply(why);
        timers.cancelAll();
        generations.endAll(leaving
                ? generation -> generation.onFailure(new Failure.Draining("a stage of this replica is going away"))
                : Generation::onLost);
        state = SchedulerState.idle(KvLedger.empty(KvShape.BLOCK_POSITIONS, engine.kvBlocks()));
        show(state);
        return next;
    }

    private Behavior<Command> onStop() {
        stopping = true;
        return Behaviors.stopped();
    }

    /** Comes after a failure too: then the process is in an unknown state, and ends. */
    private void onPostStop() {
        try {
            generations.endAll(generation -> generation.onFailure(stopping
                    ? new Failure.Draining("this node is going away")
                    : new Failure.Bug(generation.begin().requestId())));
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
            case Effect.OfKv change -> onKv(change);
            case Effect.OfferTurn(var id) -> generations.of(id).ifPresent(Generation::onTurn);
            case Effect.Finish(var id, var by) -> generations.leave(id)
                    .ifPresent(
                            generation -> generation.onComplete(by == Effect.EndedBy.ITSELF, System.nanoTime()));
            case Effect.Refuse(var id, var failure) ->
                    generations.leave(id).ifPresent(generation -> generation.onFailure(failure));
            case Effect.StepSoon() -> getContext().getSelf().tell(new NextStep());
            case Effect.Run(var step) -> run(step);
            case Effect.WakeAt(var nanos) -> timers.startSingleTimer(new Wake(),
                    Duration.ofNanos(Math.max(0, nanos - System.nanoTime())));
        }
    }

    private void onKv(Effect.OfKv effect) {
        KvChanges.of(effect).forEach(engine.runner()::change);
        generations.onKv(effect, System.nanoTime()).ifPresent(this::lookForRows);
    }

    private void run(Step step) {
        parts.faults()
                .onStep(step.prefills()
                        .stream()
                        .flatMap(prefill -> generations.of(prefill.id()).stream())
                        .map(Generation::begin));
        steps.start(step, () -> getContext().getSelf().tell(new StepReady(steps)));
    }

    private Behavior<Command> onStepReady() {
        var finished = steps.finish();
        stepsDone++;
        parts.metrics().step(finished);
        parts.metrics()
                .generated(finished.results().stream().filter(StepRunner.Result.Token.class::isInstance).count());
        finished.results()
                .stream()
                .flatMap(result -> generations.broken(result).stream())
                .forEach(id -> feed(new Event.Withdrawn(id)));
        feed(new Event.StepDone(
                finished.results().stream().flatMap(result -> generations.sampled(result).stream()).toList()));
        finished.step().prefills().forEach(prefill -> lookForRows(prefill.id()));
        return this;
    }

    private void show(SchedulerState before) {
        parts.board().post(stepsDone, state);
        parts.metrics().state(before, state);
    }
}
