package sightline.router.session;

import java.util.Optional;
import sightline.router.session.Run.Stage;
import sightline.router.session.SessionPlan.Transition;
import sightline.wire.Failure;

/**
 * Which answers may be why a process died, and when a request is blamed: when two processes died, the second of them while
 * it computed nothing else. A stream that breaks proves no death, so the fleet is asked for both. A pure function, a part of
 * {@link SessionPlan}.
 */
final class SuspectPlan {
    private final SessionRules rules;

    SuspectPlan(SessionRules rules) {
        this.rules = rules;
    }

    /** The answer whose replica is lost. */
    static Run suspected(Run run, LossCause cause) {
        var lost = run.replica().orElseThrow().id();
        return cause.isDeath() ? run.suspectOf(run.suspectOf().orElse(lost)) : run;
    }

    /**
     * Of a request's suspects one at a time is sought a replica, the one with the most tokens first: it is the likeliest
     * reason, and each of them might end a process of its own.
     */
    static boolean isHeldBack(Answering state, Run run) {
        return run.isSuspect() && state.runs()
                .stream()
                .filter(other -> other.choice() != run.choice() && other.isSuspect())
                .anyMatch(other -> !new Stage.Placing(false).equals(other.stage()) || other.goesBefore(run));
    }

    /**
     * It is found out whether the process died, unless it is the one that was thought to be lost before: then this is the
     * first death at most.
     *
     * @param paused after the stream broke in the answer's turn
     * @param run as it was before
     */
    Transition accuse(Transition paused, Run run, long nowNanos) {
        var lost = run.replica().orElseThrow().id();
        var before = run.suspectOf().filter(first -> !first.equals(lost));
        if (before.isEmpty())
            return paused;
        var state = (Answering) paused.state();
        var trial = new Stage.OnTrial(lost, nowNanos, 0, before);
        return paused.then(Transition.to(state.with(state.run(run.choice()).in(trial))));
    }

    /** A process that lives is no victim: the answer is sought a replica again, still as a suspect. */
    Transition onFate(Answering state, SessionEvent.OfFate event, long nowNanos) {
        var run = state.run(event.choice());
        if (!(run.stage() instanceof Stage.OnTrial trial) || !trial.replica().equals(event.replica()))
            return Transition.to(state);
        return switch (event.fate()) {
            case BACK -> run.isSoughtFor(rules.waitForReplica(), nowNanos)
                    ? Transition.failed(new Failure.NoReplica("every language replica that took it was lost"))
                    : Transition.to(state.with(run.in(new Stage.Placing(false))));
            case MISSING -> trial.isOver(nowNanos, rules.trialTime())
                    ? dead(state, run, trial, nowNanos)
                    : Transition.to(state);
            case GONE -> dead(state, run, trial, nowNanos);
        };
    }

    private static Transition dead(Answering state, Run run, Stage.OnTrial trial, long nowNanos) {
        if (trial.before().isEmpty())
            return Transition.failed(new Failure.Poison("the request ended two processes"));
        var first = trial.before().get();
        var next = run.suspectOf(trial.replica()).in(new Stage.OnTrial(first, nowNanos, 0, Optional.empty()));
        return Transition.to(state.with(next), new SessionEffect.AskFate(run.choice(), first));
    }
}
