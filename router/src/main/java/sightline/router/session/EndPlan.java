package sightline.router.session;

import java.util.concurrent.TimeUnit;
import sightline.router.session.Run.Stage;
import sightline.router.session.SessionPlan.Transition;
import sightline.router.session.SessionState.Delivering;
import sightline.router.session.SessionState.Over;
import sightline.stage.v1.Prefilled;
import sightline.wire.Failure;

/** What a session does when its answers are whole: a pure function, the last part of {@link SessionPlan}. */
final class EndPlan {
    private final SessionFacts facts;

    EndPlan(SessionFacts facts) {
        this.facts = facts;
    }

    /**
     * The last token of an answer is here. The replica knows its own ends and says how long it took; of stop strings it
     * knows nothing.
     */
    Transition whole(Answering state, int choice, long nowNanos) {
        var run = state.run(choice);
        var closing = new Stage.Closing(nowNanos);
        return run.answer().end().orElseThrow().hasStop()
                ? whole(state, run, sinceFirstToken(state, closing), nowNanos)
                : Transition.to(state.with(run.in(closing)));
    }

    Transition onClosing(Answering state, Run run, Stage.Closing closing, SessionEvent.OfReplica event, long nowNanos) {
        return switch (event) {
            case SessionEvent.ReplicaSaid(var _, var _, var said) when said.hasEnded() ->
                    whole(state, run, said.getEnded().getDecodeUs(), nowNanos);
            case SessionEvent.ReplicaSaid _ -> Transition.to(state);
            case SessionEvent.ReplicaClosed _ -> whole(state, run, sinceFirstToken(state, closing), nowNanos);
        };
    }

    Transition onTick(Answering state, Run run, Stage.Closing closing, long nowNanos) {
        return nowNanos - closing.lastTokenNanos() >= facts.rules().silentAfter().toNanos()
                ? whole(state, run, sinceFirstToken(state, closing), nowNanos)
                : Transition.to(state);
    }

    private Transition whole(Answering before, Run run, long decodeMicros, long nowNanos) {
        var state = before.with(run.in(new Stage.Whole(decodeMicros)));
        var closed = Transition.to(state, new SessionEffect.CloseStream(run.choice()));
        return state.isWhole() ? closed.then(finish(state, nowNanos)) : closed;
    }

    /** All that was asked for was there already. */
    Transition finishAtOnce(Answering state, long nowNanos) {
        var by = state.equal().orElseThrow();
        var started = new Messages(facts).started(state.prompt(), by);
        return finish(state.begun(by, Prefilled.getDefaultInstance(), state.delivery().add(started)), nowNanos);
    }

    private Transition finish(Answering state, long nowNanos) {
        var timeline = state.times()
                .toBuilder()
                .setDecodeUs(state.runs().stream().mapToLong(EndPlan::decodeMicros).max().orElse(0))
                .setTotalUs(TimeUnit.NANOSECONDS.toMicros(nowNanos - facts.receivedNanos()))
                .setFailovers(state.failovers())
                .build();
        var finished = new Messages(facts).finished(state, timeline);
        return Transition.to(state, new SessionEffect.FreeNodes())
                .then(deliver(new Delivering(state.delivery().add(finished), timeline, state.longestAnswer())));
    }

    private static long decodeMicros(Run run) {
        return run.stage() instanceof Stage.Whole(long micros) ? micros : 0;
    }

    /** By this router's clock, for want of the replica's word. */
    private long sinceFirstToken(Answering state, Stage.Closing closing) {
        long untilLast = TimeUnit.NANOSECONDS.toMicros(closing.lastTokenNanos() - facts.receivedNanos());
        return untilLast - state.times().getFirstTokenUs();
    }

    Transition onDelivering(Delivering state, SessionEvent event, long nowNanos) {
        return switch (event) {
            case SessionEvent.ClientReady _ -> deliver(state.with(state.delivery().clientReady()));
            case SessionEvent.ClientBusy _ -> Transition.to(state.with(state.delivery().clientBusy(nowNanos)));
            case SessionEvent.Tick _ when state.delivery().isStuck(nowNanos, facts.rules().slowClientAfter()) ->
                    slowClient();
            case SessionEvent.OfReplica _,SessionEvent.OfPrompt _,SessionEvent.OfVision _,SessionEvent.OfPlacement _,SessionEvent.OfFate _,SessionEvent.ClientGone _,SessionEvent.Tick _ ->
                    Transition.to(state);
        };
    }

    Transition slowClient() {
        var limit = facts.rules().slowClientAfter();
        return Transition.failed(new Failure.SlowClient(
                "the client read nothing for " + limit.toSeconds() + " s (expected: it reads as tokens come)"));
    }

    private static Transition deliver(Delivering state) {
        var sent = state.delivery().send();
        var written = Transition.to(state.with(sent.rest()), sent.effects());
        return sent.rest().isEmpty()
                ? written.then(
                        Transition.to(new Over(), new SessionEffect.Complete(state.timeline(), state.longestAnswer())))
                : written;
    }
}
