package sightline.router.session;

import java.util.concurrent.TimeUnit;
import sightline.router.session.SessionPlan.Transition;
import sightline.router.session.SessionState.Closing;
import sightline.router.session.SessionState.Decoding;
import sightline.router.session.SessionState.Delivering;
import sightline.router.session.SessionState.Over;
import sightline.wire.Failure;

/** What a session does when its answer is whole: a pure function, the last part of {@link SessionPlan}. */
final class EndPlan {
    private final SessionFacts facts;

    EndPlan(SessionFacts facts) {
        this.facts = facts;
    }

    /** The last token is here. The replica knows its own ends and says how long it took; of stop strings it knows nothing. */
    Transition whole(Decoding last, long nowNanos) {
        var closing = new Closing(last.run(), last.answer(), last.delivery(), nowNanos);
        return last.answer().end().orElseThrow().hasStop()
                ? finish(closing, sinceFirstToken(closing), nowNanos)
                : write(closing);
    }

    Transition onClosing(Closing state, SessionEvent event, long nowNanos) {
        return switch (event) {
            case SessionEvent.ReplicaSaid(var said) when said.hasEnded() ->
                    finish(state, said.getEnded().getDecodeUs(), nowNanos);
            case SessionEvent.ReplicaClosed _ -> finish(state, sinceFirstToken(state), nowNanos);
            case SessionEvent.Tick _ when nowNanos - state.lastTokenNanos() >= facts.rules().silentAfter().toNanos() ->
                    finish(state, sinceFirstToken(state), nowNanos);
            case SessionEvent.ClientReady _ -> write(state.with(state.delivery().clientReady()));
            case SessionEvent.ClientBusy _ -> Transition.to(state.with(state.delivery().clientBusy(nowNanos)));
            case SessionEvent.ReplicaSaid _,SessionEvent.OfPrompt _,SessionEvent.OfVision _,SessionEvent.OfPlacement _,SessionEvent.ClientGone _,SessionEvent.Tick _ ->
                    Transition.to(state);
        };
    }

    Transition onDelivering(Delivering state, SessionEvent event, long nowNanos) {
        return switch (event) {
            case SessionEvent.ClientReady _ -> deliver(state.with(state.delivery().clientReady()));
            case SessionEvent.ClientBusy _ -> Transition.to(state.with(state.delivery().clientBusy(nowNanos)));
            case SessionEvent.Tick _ when state.delivery().isStuck(nowNanos, facts.rules().slowClientAfter()) ->
                    slowClient();
            case SessionEvent.OfReplica _,SessionEvent.OfPrompt _,SessionEvent.OfVision _,SessionEvent.OfPlacement _,SessionEvent.ClientGone _,SessionEvent.Tick _ ->
                    Transition.to(state);
        };
    }

    Transition slowClient() {
        var limit = facts.rules().slowClientAfter();
        return Transition.failed(new Failure.SlowClient(
                "the client read nothing for " + limit.toSeconds() + " s (expected: it reads as tokens come)"));
    }

    private static Transition write(Closing state) {
        var sent = state.delivery().send();
        return Transition.to(state.with(sent.rest()), sent.effects());
    }

    private Transition finish(Closing state, long decodeMicros, long nowNanos) {
        int tokens = state.answer().log().size();
        var timeline = state.run()
                .times()
                .toBuilder()
                .setDecodeUs(decodeMicros)
                .setTotalUs(TimeUnit.NANOSECONDS.toMicros(nowNanos - facts.receivedNanos()))
                .build();
        var finished = new Messages(facts).finished(state.run(), tokens, timeline);
        return Transition.to(state, new SessionEffect.FreeNodes())
                .then(deliver(new Delivering(state.delivery().add(finished), timeline, tokens)));
    }

    private static Transition deliver(Delivering state) {
        var sent = state.delivery().send();
        var written = Transition.to(state.with(sent.rest()), sent.effects());
        return sent.rest().isEmpty()
                ? written.then(Transition.to(new Over(), new SessionEffect.Complete(state.timeline(), state.tokens())))
                : written;
    }

    /** By this router's clock, for want of the replica's word. */
    private long sinceFirstToken(Closing state) {
        long untilLast = TimeUnit.NANOSECONDS.toMicros(state.lastTokenNanos() - facts.receivedNanos());
        return untilLast - state.run().times().getFirstTokenUs();
    }
}
