package sightline.router.session;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.router.fleet.EncodeJob;
import sightline.router.fleet.Fleet;
import sightline.router.fleet.LanguageDispatcher;
import sightline.router.fleet.LanguageStream;
import sightline.router.fleet.PeerFate;
import sightline.router.fleet.PeerId;
import sightline.router.fleet.PromptWork;
import sightline.router.fleet.RunId;
import sightline.router.fleet.VisionDispatcher;
import sightline.router.fleet.VisionNeed;
import sightline.router.request.ResumeWish;
import sightline.runtime.LogValue;
import sightline.wire.Failure;

/**
 * One request: the only writer to its client, ended once, and free of everything on other nodes when it stops.
 *
 * <p>Decides nothing itself, see {@link SessionPlan}.
 */
final class Session extends AbstractMatchingBehavior<SessionEvent> {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    private static final Duration SEEKING_TICK = Duration.ofMillis(250);

    private final SessionFacts facts;
    private final Client client;
    private final SessionSurroundings around;
    private final ActorRef<Sessions.Command> sessions;
    private final SessionPlan plan;
    private final ActorRef<EncodeJob.Answer> fromVision;
    private final ActorRef<LanguageDispatcher.Answer> fromPlacement;
    private SessionState state = new SessionState.Preparing();
    private final Map<Integer, Attempt> attempts = new HashMap<>();
    private final TimerScheduler<SessionEvent> timers;
    private Duration tick = Duration.ZERO;
    private boolean clientKeepsPace = true;
    private boolean isWaiting;

    /**
     * The stream of an answer's present epoch.
     *
     * @param begun tokens that the answer had before
     */
    private record Attempt(int epoch, LanguageStream stream, int begun) {}

    /** @param sessions is told that the session is over before its client is */
    static Behavior<SessionEvent> create(SessionFacts facts, Client client, SessionSurroundings around,
            ActorRef<Sessions.Command> sessions) {
        return Behaviors.setup(context -> Behaviors
                .withTimers(timers -> new Session(context, timers, facts, client, around, sessions)));
    }

    private Session(ActorContext<SessionEvent> context, TimerScheduler<SessionEvent> timers, SessionFacts facts,
            Client client, SessionSurroundings around, ActorRef<Sessions.Command> sessions) {
        super(context);
        this.sessions = sessions;
        this.facts = facts;
        this.client = client;
        this.around = around;
        this.plan = new SessionPlan(facts);
        this.fromVision = context.messageAdapter(EncodeJob.Answer.class, SessionEvent.OfVision::new);
        this.fromPlacement = context.messageAdapter(LanguageDispatcher.Answer.class, SessionEvent.OfPlacement::new);
        around.metrics().started();
        showWaiting(true);
        facts.request().resume().ifPresent(this::logResume);
        this.timers = timers;
        tickEvery(SEEKING_TICK);
        context.pipeToSelf(around.preparation().prepare(facts), (prepared, error) -> {
            if (prepared != null)
                return prepared;
            LOG.error("event=prompt-not-prepared request={}", LogValue.of(facts.requestId()), error);
            return new SessionEvent.NotPrepared(new Failure.Bug(facts.requestId()));
        });
    }

    @Override
    public Behavior<SessionEvent> onMessage(SessionEvent event) {
        if (event instanceof SessionEvent.Tick)
            takeBeats();
        return on(event, around.nanoClock().getAsLong());
    }

    private void tickEvery(Duration interval) {
        if (interval.equals(tick))
            return;
        tick = interval;
        timers.startTimerAtFixedRate(new SessionEvent.Tick(), interval);
    }

    private void takeBeats() {
        for (var attempt : Map.copyOf(attempts).entrySet())
            attempt.getValue()
                    .stream()
                    .latestBeat()
                    .ifPresent(beat -> on(new SessionEvent.ReplicaSaid(attempt.getKey(), attempt.getValue().epoch(),
                            beat.event()), beat.heardNanos()));
    }

    private Behavior<SessionEvent> on(SessionEvent event, long beginNanos) {
        if (event instanceof SessionEvent.ReplicaSaid said)
            passOnTimes(said);
        clientKeepsPace &= !(event instanceof SessionEvent.ClientBusy);
        var transition = plan.on(state, event, beginNanos);
        if (event instanceof SessionEvent.ReplicaSaid(var _, var _, var said) && said.hasTokens())
            around.metrics().detokenized(around.nanoClock().getAsLong() - beginNanos);
        boolean hadBegun = state.hasBegun();
        state = transition.state();
        transition.effects().forEach(effect -> carryOut(effect, hadBegun));
        if (state instanceof SessionState.Over)
            return Behaviors.stopped();
        showWaiting(!state.isSettled());
        tickEvery(state.isSettled() ? facts.rules().settledTick() : SEEKING_TICK);
        boolean wrote = transition.effects().stream().anyMatch(SessionEffect.Write.class::isInstance);
        return wrote && !client.isReady() ? on(new SessionEvent.ClientBusy(), beginNanos) : this;
    }

    /** Replicas are chosen by how long they took, which the client may be to blame for unless it reads as tokens come. */
    private void passOnTimes(SessionEvent.ReplicaSaid said) {
        var attempt = attempts.get(said.choice());
        if (attempt == null || attempt.epoch() != said.epoch() || !(state instanceof Answering answering))
            return;
        if (said.event().hasPrefilled())
            around.language()
                    .tell(new LanguageDispatcher.Read(runId(said.choice()), said.event().getPrefilled()));
        if (said.event().hasEnded() && clientKeepsPace && attempt.begun() == 0)
            around.language()
                    .tell(new LanguageDispatcher.Decoded(runId(said.choice()),
                            answering.run(said.choice()).answer().log().size(), said.event().getEnded().getDecodeUs()));
    }

    @Override
    public Behavior<SessionEvent> onSignal(Signal signal) {
        if (signal instanceof PostStop) {
            freeNodes();
            showWaiting(false);
            around.metrics().stopped();
            if (!(state instanceof SessionState.Over))
                fail(new Failure.Bug(facts.requestId()), state.hasBegun());
        }
        return this;
    }

    private void carryOut(SessionEffect effect, boolean hadBegun) {
        switch (effect) {
            case SessionEffect.EncodePictures(var prompt, var fingerprint) -> around.vision()
                    .tell(new VisionDispatcher.Encode(new EncodeJob(facts.id(), facts.requestId(),
                            new VisionNeed(facts.model().digest(), fingerprint), prompt.pictures(),
                            facts.deadlineNanos(), fromVision)));
            case SessionEffect.Place(int choice, var need) ->
                    around.language()
                            .tell(new LanguageDispatcher.Place(runId(choice), need, work(choice), fromPlacement));
            case SessionEffect.OpenStream open -> openStream(open);
            case SessionEffect.CloseStream(int choice) -> closeStream(choice);
            case SessionEffect.FailOver over -> failOver(over);
            case SessionEffect.Grant(int choice, int tokens) ->
                    stream(choice).ifPresent(open -> open.grant(tokens));
            case SessionEffect.SendTicket(int choice, int picture, var ticket) ->
                    stream(choice).ifPresent(open -> open.ticket(picture, ticket));
            case SessionEffect.TakeTurn(int choice) ->
                    stream(choice).ifPresent(LanguageStream::takeTurn);
            case SessionEffect.Beat(int choice) ->
                    stream(choice).ifPresent(LanguageStream::beat);
            case SessionEffect.EndPictures _ -> around.vision().tell(new VisionDispatcher.End(facts.id()));
            case SessionEffect.FreeNodes _ -> freeNodes();
            case SessionEffect.ReportLost(var replica, var why) ->
                    around.fleet()
                            .tell(new Fleet.PeerLost(replica,
                                    "request " + LogValue.of(facts.requestId()) + ": " + why));
            case SessionEffect.AskFate(int choice, var replica) -> askFate(choice, replica);
            case SessionEffect.CountFenced(int tokens) -> around.metrics().fenced(tokens);
            case SessionEffect.Write(var response) -> client.write(response);
            case SessionEffect.Complete(var timeline, int tokens) -> {
                around.metrics().completed(timeline, tokens);
                sessions.tell(new Sessions.Over(facts.id()));
                client.complete();
            }
            case SessionEffect.Fail(var failure) -> fail(failure, hadBegun);
        }
    }

    private void fail(Failure failure, boolean hadBegun) {
        LOG.info("event=request-failed request={} reason={} message={}", LogValue.of(facts.requestId()),
                failure.reason(), LogValue.of(failure.text()));
        around.metrics().failed(failure, hadBegun);
        sessions.tell(new Sessions.Over(facts.id()));
        client.fail(failure);
    }

    private void showWaiting(boolean now) {
        if (now != isWaiting)
            around.metrics().waiting(now ? 1 : -1);
        isWaiting = now;
    }

    private void logResume(ResumeWish resume) {
        LOG.info("event=resume request={} epoch=0 tokens={} cause=router-lost", LogValue.of(facts.requestId()),
                resume.answers().stream().mapToInt(List::size).sum());
    }

    private void failOver(SessionEffect.FailOver over) {
        LOG.info("event=failover request={} choice={} epoch={} tokens={} cause={} why={}",
                LogValue.of(facts.requestId()), over.choice(), over.epoch(), over.tokens(), over.cause().label(),
                LogValue.of(over.why()));
        around.metrics().failover(over.cause());
    }

    private void askFate(int choice, PeerId replica) {
        getContext().ask(PeerFate.class, around.fleet(), SEEKING_TICK.multipliedBy(4),
                replyTo -> new Fleet.AskFate(replica, replyTo),
                (fate, _) -> new SessionEvent.OfFate(choice, replica, fate == null ? PeerFate.MISSING : fate));
    }

    private void openStream(SessionEffect.OpenStream open) {
        var self = getContext().getSelf();
        int choice = open.choice();
        int epoch = open.epoch();
        around.metrics().replayed(open.begin().getAnswerIdsCount());
        var stream = LanguageStream.open(open.replica().channel(), open.begin(), said -> self.tell(switch (said) {
            case LanguageStream.Said.Event(var event) -> new SessionEvent.ReplicaSaid(choice, epoch, event);
            case LanguageStream.Said.Closed(var why) -> new SessionEvent.ReplicaClosed(choice, epoch, why);
        }), around.nanoClock());
        attempts.put(choice, new Attempt(epoch, stream, open.begin().getAnswerIdsCount()));
    }

    private Optional<LanguageStream> stream(int choice) {
        return Optional.ofNullable(attempts.get(choice)).map(Attempt::stream);
    }

    private void closeStream(int choice) {
        Optional.ofNullable(attempts.remove(choice)).ifPresent(open -> open.stream().cancel("the attempt is over"));
        around.language().tell(new LanguageDispatcher.End(runId(choice)));
    }

    private void freeNodes() {
        IntStream.range(0, facts.answers()).forEach(this::closeStream);
        around.vision().tell(new VisionDispatcher.End(facts.id()));
    }

    private PromptWork work(int choice) {
        return ((Answering) state).work(choice);
    }

    private RunId runId(int choice) {
        return new RunId(facts.id(), choice);
    }
}
