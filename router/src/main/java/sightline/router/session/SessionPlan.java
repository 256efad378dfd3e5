package sightline.router.session;

import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import sightline.router.session.SessionState.Delivering;
import sightline.router.session.SessionState.Over;
import sightline.router.session.SessionState.Preparing;
import sightline.wire.Failure;

/**
 * What a session does about everything that can happen to it: a pure function of state, event and time.
 *
 * <p>{@link PlacementPlan} takes an answer to a replica, {@link AnswerPlan} its tokens to the client, {@link EndPlan} ends
 * it.
 */
final class SessionPlan {

    /** The state after an event, and what to do now. */
    record Transition(SessionState state, List<SessionEffect> effects) {
        Transition {
            effects = List.copyOf(effects);
        }

        static Transition to(SessionState state, SessionEffect... effects) {
            return new Transition(state, List.of(effects));
        }

        /** This one's effects, then those of {@code next}, and its state. */
        Transition then(Transition next) {
            return new Transition(next.state, Stream.concat(effects.stream(), next.effects.stream()).toList());
        }

        /** One step for every answer, each upon the state that the one before has left, until the session is over. */
        static Transition each(Answering before, BiFunction<Answering, Run, Transition> step) {
            var all = to(before);
            for (var run : before.runs())
                if (all.state instanceof Answering now)
                    all = all.then(step.apply(now, run));
            return all;
        }

        static Transition failed(Failure failure) {
            return to(new Over(), new SessionEffect.FreeNodes(), new SessionEffect.Fail(failure));
        }
    }

    private final SessionFacts facts;
    private final PlacementPlan placement;
    private final SuspectPlan suspects;
    private final AnswerPlan answers;
    private final EndPlan ends;

    SessionPlan(SessionFacts facts) {
        this.facts = facts;
        this.ends = new EndPlan(facts);
        this.placement = new PlacementPlan(facts);
        this.suspects = new SuspectPlan(facts.rules());
        this.answers = new AnswerPlan(facts, placement, ends);
    }

    Transition on(SessionState state, SessionEvent event, long nowNanos) {
        if (state instanceof Over)
            return Transition.to(state);
        if (event instanceof SessionEvent.ClientGone)
            return Transition.failed(new Failure.Cancelled("the client has gone"));
        if (nowNanos - facts.deadlineNanos() >= 0)
            return Transition.failed(new Failure.Deadline("the deadline has passed (expected: an answer in time)"));
        return switch (state) {
            case Preparing preparing -> onPreparing(preparing, event, nowNanos);
            case Answering answering -> onAnswering(answering, event, nowNanos);
            case Delivering delivering -> ends.onDelivering(delivering, event, nowNanos);
            case Over over -> Transition.to(over);
        };
    }

    private Transition onPreparing(Preparing state, SessionEvent event, long nowNanos) {
        return switch (event) {
            case SessionEvent.Prepared(var prompt) -> begin(placement.begin(prompt, nowNanos), nowNanos);
            case SessionEvent.NotPrepared(var failure) -> Transition.failed(failure);
            case SessionEvent.OfVision _,SessionEvent.OfPlacement _,SessionEvent.OfFate _,SessionEvent.OfReplica _,SessionEvent.OfClient _,SessionEvent.Tick _ ->
                    Transition.to(state);
        };
    }

    private Transition begin(Transition begun, long nowNanos) {
        return begun.state() instanceof Answering answering && answering.isWhole()
                ? ends.finishAtOnce(answering, nowNanos)
                : begun;
    }

    private Transition onAnswering(Answering state, SessionEvent event, long nowNanos) {
        return switch (event) {
            case SessionEvent.OfVision(var answer) -> placement.onVision(state, answer, nowNanos);
            case SessionEvent.OfPlacement(var answer) -> placement.onPlacement(state, answer, nowNanos);
            case SessionEvent.OfFate fate -> suspects.onFate(state, fate, nowNanos);
            case SessionEvent.OfReplica said -> answers.onReplica(state, said, nowNanos);
            case SessionEvent.ClientReady _ -> answers.write(state.with(state.delivery().clientReady()));
            case SessionEvent.ClientBusy _ -> Transition.to(state.with(state.delivery().clientBusy(nowNanos)));
            case SessionEvent.Tick _ -> onTick(state, nowNanos);
            case SessionEvent.OfPrompt _,SessionEvent.ClientGone _ -> Transition.to(state);
        };
    }

    private Transition onTick(Answering state, long nowNanos) {
        if (state.delivery().isStuck(nowNanos, facts.rules().slowClientAfter()))
            return ends.slowClient();
        var asked = placement.onTick(state, nowNanos);
        return asked.then(answers.onTick((Answering) asked.state(), nowNanos));
    }
}
