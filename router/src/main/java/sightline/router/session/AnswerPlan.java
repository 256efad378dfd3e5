package sightline.router.session;

import java.util.Set;
import java.util.function.Function;
import sightline.router.fleet.StageFailure;
import sightline.router.session.SessionPlan.Transition;
import sightline.router.session.SessionState.Decoding;
import sightline.router.session.SessionState.Opening;
import sightline.router.session.SessionState.Over;
import sightline.router.text.AnswerText;
import sightline.router.text.StopStrings;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.Tokens;
import sightline.v1.GenerateResponse;
import sightline.wire.Failure;

/** What a session does once a replica has its request: a pure function, the second half of {@link SessionPlan}. */
final class AnswerPlan {
    private final SessionFacts facts;
    private final SessionRules rules;
    private final Messages messages;
    private final EndPlan ends;

    AnswerPlan(SessionFacts facts, EndPlan ends) {
        this.facts = facts;
        this.rules = facts.rules();
        this.messages = new Messages(facts);
        this.ends = ends;
    }

    Transition onOpening(Opening state, SessionEvent event, long nowNanos) {
        return switch (event) {
            case SessionEvent.ReplicaSaid(var said) -> onFirstWords(state, said, nowNanos);
            case SessionEvent.ReplicaClosed(var why) -> lost(state.run(), why);
            case SessionEvent.Tick _ ->
                    onTick(state.run(), state.pulse(), true, nowNanos, pulse -> new Opening(state.run(), pulse));
            case SessionEvent.OfPrompt _,SessionEvent.OfVision _,SessionEvent.OfPlacement _,SessionEvent.OfClient _ ->
                    Transition.to(state);
        };
    }

    private Transition onFirstWords(Opening state, GenerateEvent said, long nowNanos) {
        return switch (said.getEventCase()) {
            case BEAT ->
                    Transition.to(new Opening(state.run(), state.pulse().beat(said.getBeat().getSteps(), nowNanos)));
            case REFUSED -> Transition.failed(StageFailure.toClient(said.getRefused(), facts.requestId()));
            case PREFILLED -> begin(state.run().prefilled(said.getPrefilled()), state.pulse().progress(nowNanos));
            case TOKENS -> {
                var begun = begin(state.run(), state.pulse());
                yield begun.then(onTokens((Decoding) begun.state(), said.getTokens(), nowNanos));
            }
            case ENDED, EVENT_NOT_SET -> lost(state.run(), "it ended what it had not begun");
        };
    }

    /** The replica has the pictures' tokens, and the client is told that its answer begins. */
    private Transition begin(Run run, Pulse pulse) {
        var stopping = facts.request().stopping();
        var text = AnswerText.of(facts.model().vocabulary(), StopStrings.of(stopping.stops()));
        var rule = new Answer.EndRule(Set.copyOf(messages.endIds()), run.prompt().choices(),
                stopping.minNewTokens(), run.prompt().maxNewTokens());
        var begun = new Decoding(run, pulse, Answer.empty(text, rule), Delivery.empty().add(messages.started(run)), 0);
        return Transition.to(begun, new SessionEffect.EndPictures()).then(write(begun));
    }

    Transition onDecoding(Decoding state, SessionEvent event, long nowNanos) {
        return switch (event) {
            case SessionEvent.ReplicaSaid(var said) -> onWords(state, said, nowNanos);
            case SessionEvent.ReplicaClosed(var why) -> lost(state.run(), why);
            case SessionEvent.ClientReady _ -> write(state.with(state.delivery().clientReady()));
            case SessionEvent.ClientBusy _ -> Transition.to(state.with(state.delivery().clientBusy(nowNanos)));
            case SessionEvent.Tick _ when state.delivery().isStuck(nowNanos, rules.slowClientAfter()) ->
                    ends.slowClient();
            case SessionEvent.Tick _ ->
                    onTick(state.run(), state.pulse(), state.delivery().isEmpty(), nowNanos, state::with);
            case SessionEvent.OfPrompt _,SessionEvent.OfVision _,SessionEvent.OfPlacement _,SessionEvent.ClientGone _ ->
                    Transition.to(state);
        };
    }

    private Transition onWords(Decoding state, GenerateEvent said, long nowNanos) {
        return switch (said.getEventCase()) {
            case TOKENS -> onTokens(state, said.getTokens(), nowNanos);
            case BEAT -> Transition.to(state.with(state.pulse().beat(said.getBeat().getSteps(), nowNanos)));
            case REFUSED -> Transition.failed(StageFailure.toClient(said.getRefused(), facts.requestId()));
            case PREFILLED -> Transition.to(state.with(state.run().prefilled(said.getPrefilled())));
            case ENDED, EVENT_NOT_SET -> lost(state.run(), "it ended an answer that is not whole");
        };
    }

    private Transition onTokens(Decoding state, Tokens tokens, long nowNanos) {
        if (tokens.getEpoch() != state.run().epoch())
            return Transition.to(state, new SessionEffect.CountFenced(tokens.getIdsCount()));
        return switch (TokenCheck.of(state.answer(), tokens)) {
            case TokenCheck.Accepted accepted -> onAccepted(state, accepted, nowNanos);
            case TokenCheck.Known _ -> Transition.to(state.with(state.pulse().progress(nowNanos)));
            case TokenCheck.Broken(var why) -> lost(state.run(), why);
            case TokenCheck.Diverged(int index) -> Transition.failed(new Failure.Diverged(
                    "token " + index + " differs from the one that was sent (expected: the same one)"));
        };
    }

    private Transition onAccepted(Decoding state, TokenCheck.Accepted accepted, long nowNanos) {
        boolean first = state.answer().log().isEmpty();
        var run = first ? state.run().firstToken(nowNanos - facts.receivedNanos()) : state.run();
        var delivery = state.delivery().add(GenerateResponse.newBuilder().setDelta(accepted.delta()).build());
        var next = new Decoding(run, state.pulse().progress(nowNanos), accepted.answer(), delivery, state.ungranted());
        return accepted.answer().isOver() ? ends.whole(next, nowNanos) : write(next);
    }

    /** Writes what the client takes, and grants the replica as much again once it is worth a message. */
    private Transition write(Decoding state) {
        var sent = state.delivery().send();
        int ungranted = state.ungranted() + sent.tokens();
        var written = new Decoding(state.run(), state.pulse(), state.answer(), sent.rest(), ungranted);
        if (ungranted < Math.max(1, rules.creditTokens() / 2))
            return Transition.to(written, sent.effects());
        return Transition.to(written, sent.effects())
                .then(Transition.to(
                        new Decoding(state.run(), state.pulse(), state.answer(), sent.rest(), 0),
                        new SessionEffect.Grant(ungranted)));
    }

    /**
     * Whether the replica has to be given up, or is to be told that this side lives.
     *
     * @param isRead whether the client has read all that came: only then the replica has credit, and steps are due
     */
    private Transition onTick(Run run, Pulse before, boolean isRead, long nowNanos,
            Function<Pulse, SessionState> next) {
        var pulse = before.tick(nowNanos);
        if (pulse.isSilent(nowNanos, rules.silentAfter()))
            return lost(run, "silent for " + rules.silentAfter().toMillis() + " ms");
        if (isRead && pulse.isStalled(nowNanos, rules.stalledAfter()))
            return lost(run, "no step for " + rules.stalledAfter().toMillis() + " ms");
        return pulse.isToBeat(nowNanos, rules.beatInterval())
                ? Transition.to(next.apply(pulse.beaten(nowNanos)), new SessionEffect.Beat())
                : Transition.to(next.apply(pulse));
    }

    /** Until answers survive the loss of their replica, it ends them. */
    private static Transition lost(Run run, String why) {
        return Transition.to(new Over(), new SessionEffect.ReportLost(run.replica().id(), why),
                new SessionEffect.FreeNodes(),
                new SessionEffect.Fail(new Failure.NoReplica("the language replica was lost, and no other can go on")));
    }
}
