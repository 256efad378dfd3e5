package sightline.router.session;

import java.util.HashMap;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import sightline.router.fleet.Fleet;
import sightline.router.fleet.FleetView;
import sightline.router.fleet.JobId;
import sightline.router.request.ResumeWish;
import sightline.router.request.ValidRequest;
import sightline.wire.Failure;

/**
 * Admits requests, bounded in number, or refuses them at once; every admitted one is a child of its own.
 */
public final class Sessions extends AbstractMatchingBehavior<Sessions.Command> {

    /** What the public service and the process tell. */
    public sealed interface Command {}

    /**
     * A request that has just come.
     *
     * @param drawnSeed for the case that the request has none
     */
    public record Admit(JobId id, ValidRequest request, Client client, long receivedNanos,
            long deadlineNanos, long drawnSeed) implements Command {}

    /** The client has read, and takes more. */
    public record ClientReady(JobId id) implements Command {}

    public record ClientGone(JobId id) implements Command {}

    /** From now on everything new is refused. */
    public enum Drain implements Command {
        DRAIN
    }

    private record View(FleetView view) implements Command {}

    /** The session has ended and holds nothing any more; its client is told next, and may send the same id again. */
    record Over(JobId id) implements Command {}

    private record Running(ActorRef<SessionEvent> session, String tenant, String requestId) {}

    private final SessionSurroundings around;
    private final SessionRules rules;
    private final Map<JobId, Running> running = new HashMap<>();
    private final Admission admission;
    private FleetView view = FleetView.empty();

    public static Behavior<Command> create(SessionSurroundings around, SessionLimits limits, SessionRules rules) {
        return Behaviors.setup(context -> new Sessions(context, around, limits, rules));
    }

    private Sessions(ActorContext<Command> context, SessionSurroundings around, SessionLimits limits,
            SessionRules rules) {
        super(context);
        this.around = around;
        this.rules = rules;
        this.admission = new Admission(limits);
        around.fleet().tell(new Fleet.Subscribe(context.messageAdapter(FleetView.class, View::new)));
    }

    @Override
    public Behavior<Command> onMessage(Command command) {
        return switch (command) {
            case Admit m -> onAdmit(m);
            case ClientReady(var id) -> onClient(id, new SessionEvent.ClientReady());
            case ClientGone(var id) -> onClient(id, new SessionEvent.ClientGone());
            case Drain _ -> onDrain();
            case View(var now) -> onView(now);
            case Over(var id) -> onOver(id);
        };
    }

    private Behavior<Command> onAdmit(Admit message) {
        var request = message.request();
        var refusal = admission.refusal(request.tenant(), request.requestId(), message.receivedNanos());
        if (refusal.isPresent())
            return refuse(message, refusal.get());
        return switch (ModelChoice.of(request, view)) {
            case ModelChoice.None(var failure) -> refuse(message, failure);
            case ModelChoice.Chosen(var model) -> {
                long seed = request.resume().map(ResumeWish::seed).orElse(message.drawnSeed());
                var sampling = request.sampling().resolve(model.config().generation(), seed);
                yield admit(message, new SessionFacts(message.id(), request, model, sampling, view.contextLength(model),
                        message.receivedNanos(), message.deadlineNanos(), rules));
            }
        };
    }

    private Behavior<Command> admit(Admit message, SessionFacts facts) {
        admission.admit(facts.tenant(), facts.requestId());
        // A session that fails is a bug: it tells its client and frees its nodes as it stops, and nobody else notices.
        var session = Behaviors.supervise(Session.create(facts, message.client(), around, getContext().getSelf()))
                .onFailure(SupervisorStrategy.stop());
        var child = getContext().spawn(session, "session-" + message.id());
        getContext().watchWith(child, new Over(message.id()));
        running.put(message.id(), new Running(child, facts.tenant(), facts.requestId()));
        return this;
    }

    private Behavior<Command> refuse(Admit message, Failure failure) {
        around.metrics().refused(failure);
        message.client().fail(failure);
        return this;
    }

    private Behavior<Command> onClient(JobId id, SessionEvent.OfClient event) {
        var child = running.get(id);
        if (child != null)
            child.session().tell(event);
        return this;
    }

    private Behavior<Command> onDrain() {
        admission.drain();
        return this;
    }

    private Behavior<Command> onView(FleetView now) {
        view = now;
        return this;
    }

    private Behavior<Command> onOver(JobId id) {
        var over = running.remove(id);
        if (over != null)
            admission.release(over.tenant(), over.requestId());
        return this;
    }
}
