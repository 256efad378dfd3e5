package sightline.router.session;

import java.util.stream.Stream;
import sightline.router.fleet.Worker;
import sightline.router.session.Run.Stage;
import sightline.router.session.SessionPlan.Transition;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.Prefilled;
import sightline.stage.v1.Tokens;
import sightline.v1.GenerateResponse;
import sightline.wire.Failure;
import sightline.wire.Refusals;

/** What a session makes of its replicas' words: answers for its client. A pure function, a part of {@link SessionPlan}. */
final class AnswerPlan {
    private final SessionFacts facts;
    private final SessionRules rules;
    private final Messages messages;
    private final PlacementPlan placement;
    private final EndPlan ends;

    AnswerPlan(SessionFacts facts, PlacementPlan placement, EndPlan ends) {
        this.facts = facts;
        this.rules = facts.rules();
        this.messages = new Messages(facts);
        this.placement = placement;
        this.ends = ends;
    }

    Transition onReplica(Answering state, SessionEvent.OfReplica event, long nowNanos) {
        var run = state.run(event.choice());
        if (event.epoch() != run.epoch())
            return Transition.to(state, fenced(event));
        return switch (run.stage()) {
            case Stage.Opening(var replica, var pulse, var _) -> onReplica(state, run, replica, pulse, event, nowNanos);
            case Stage.Decoding(var replica, var pulse) -> onReplica(state, run, replica, pulse, event, nowNanos);
            case Stage.Closing closing -> ends.onClosing(state, run, closing, event, nowNanos);
            case Stage.Held _,Stage.Encoding _,Stage.Placing _,Stage.OnTrial _,Stage.Whole _ -> Transition.to(state);
        };
    }

    private static SessionEffect[] fenced(SessionEvent.OfReplica event) {
        return event instanceof SessionEvent.ReplicaSaid(var _, var _, var said) && said.hasTokens()
                ? new SessionEffect[]{new SessionEffect.CountFenced(said.getTokens().getIdsCount())}
                : new SessionEffect[0];
    }

    private Transition onReplica(Answering state, Run run, Worker replica, Pulse pulse, SessionEvent.OfReplica event,
            long nowNanos) {
        return switch (event) {
            case SessionEvent.ReplicaClosed(var _, var _, var why) ->
                    placement.lost(state, run, LossCause.BROKEN, why, nowNanos);
            case SessionEvent.ReplicaSaid(var _, var _, var said) ->
                    onWords(state, run, new Stage.Decoding(replica, pulse), said, nowNanos);
        };
    }

    /** @param heard where the answer is once its replica has read the prompt */
    private Transition onWords(Answering state, Run run, Stage.Decoding heard, GenerateEvent said, long nowNanos) {
        return switch (said.getEventCase()) {
            case BEAT -> Transition.to(
                    state.with(run.in(pulsing(run, heard.pulse().beat(said.getBeat().getSteps(), nowNanos)))));
            case TURN -> Transition.to(state.with(run.inTurn()),
                    new SessionEffect.TakeTurn(run.choice()));
            case PREFILLED -> onPrefilled(state, run.in(heard.progress(nowNanos)), said.getPrefilled());
            case TOKENS -> onTokens(state, run.in(heard.progress(nowNanos)), said.getTokens(), nowNanos);
            case REFUSED -> placement.refused(state, run, Refusals.fromProto(said.getRefused(), facts.requestId()),
                    nowNanos);
            case ENDED, EVENT_NOT_SET ->
                    placement.lost(state, run, LossCause.MISBEHAVED, "it ended an answer that is not whole",
                            nowNanos);
        };
    }

    private static Stage pulsing(Run run, Pulse pulse) {
        return switch (run.stage()) {
            case Stage.Opening(var replica, var _, var missing) -> new Stage.Opening(replica, pulse, missing);
            case Stage.Decoding(var replica, var _) -> new Stage.Decoding(replica, pulse);
            case Stage.Held _,Stage.Encoding _,Stage.Placing _,Stage.OnTrial _,Stage.Closing _,Stage.Whole _ ->
                    run.stage();
        };
    }

    /** The replica has the pictures' tokens. The first time, the client is told, and the other answers go there too. */
    private Transition onPrefilled(Answering before, Run reading, Prefilled told) {
        var state = before.with(reading);
        var begun = state.hasBegun() ? state : begin(state, reading.replica().orElseThrow(), told);
        var sought = placement.seekHeld(begun);
        var placed = (Answering) sought.state();
        var dropped = placed.any(Stage::needsPictures) ? sought : sought.then(placement.dropTickets(placed));
        return dropped.then(write((Answering) dropped.state()));
    }

    private Answering begin(Answering state, Worker replica, Prefilled told) {
        var by = new Fingerprints(replica.fingerprint(), state.visionFingerprint());
        return state.begun(by, told, state.delivery().add(messages.started(state.prompt(), by)));
    }

    private Transition onTokens(Answering state, Run run, Tokens tokens, long nowNanos) {
        if (tokens.getEpoch() != run.epoch())
            return Transition.to(state, new SessionEffect.CountFenced(tokens.getIdsCount()));
        if (state.run(run.choice()).stage() instanceof Stage.Opening)
            return placement.lost(state, run, LossCause.MISBEHAVED, "tokens of a prompt that it has not read",
                    nowNanos);
        return switch (TokenCheck.of(run, tokens)) {
            case TokenCheck.Accepted accepted -> onAccepted(state, run, accepted, nowNanos);
            case TokenCheck.Known _ -> Transition.to(state.with(run));
            case TokenCheck.Broken(var why) ->
                    placement.lost(state, run, LossCause.MISBEHAVED, why, nowNanos);
            case TokenCheck.Diverged(int index) -> Transition.failed(new Failure.Diverged(
                    "token " + index + " differs from the one that was sent (expected: the same one)"));
        };
    }

    private Transition onAccepted(Answering before, Run run, TokenCheck.Accepted accepted, long nowNanos) {
        var timed = before.times().getFirstTokenUs() == 0
                ? before.firstToken(nowNanos - facts.receivedNanos())
                : before;
        var delivery = timed.delivery().add(GenerateResponse.newBuilder().setDelta(accepted.delta()).build());
        var written = write(timed.with(run.with(accepted.answer())).with(delivery));
        var sought = run.isSuspect() ? written.then(placement.seekSuspect((Answering) written.state())) : written;
        return accepted.answer().isOver()
                ? sought.then(ends.whole((Answering) sought.state(), run.choice(), nowNanos))
                : sought;
    }

    /** Writes what the client takes, and grants the replicas as much again once it is worth a message. */
    Transition write(Answering before) {
        var sent = before.delivery().send();
        var state = before.with(sent.rest());
        var effects = Stream.<SessionEffect>builder();
        sent.responses().stream().map(SessionEffect.Write::new).forEach(effects);
        for (var run : before.runs()) {
            int ungranted = run.ungranted() + sent.tokens(run.choice());
            boolean worthIt = ungranted >= Math.max(1, rules.creditTokens() / 2);
            state = state.with(state.run(run.choice()).ungranted(worthIt ? 0 : ungranted));
            if (worthIt)
                effects.add(new SessionEffect.Grant(run.choice(), ungranted));
        }
        return new Transition(state, effects.build().toList());
    }

    /**
     * Whether replicas have to be given up, or are to be told that this side lives. One that has no credit, since the
     * client has not read all that came, owes no steps, nor does one that waits for tickets.
     */
    Transition onTick(Answering before, long nowNanos) {
        return Transition.each(before, (state, run) -> switch (run.stage()) {
            case Stage.Opening(var _, var pulse, var missing) ->
                    onTick(state, run, pulse, missing.isEmpty(), nowNanos);
            case Stage.Decoding(var _, var pulse) -> onTick(state, run, pulse, state.delivery().isEmpty(), nowNanos);
            case Stage.Closing closing -> ends.onTick(state, run, closing, nowNanos);
            case Stage.Held _,Stage.Encoding _,Stage.Placing _,Stage.OnTrial _,Stage.Whole _ -> Transition.to(state);
        });
    }

    private Transition onTick(Answering state, Run run, Pulse before, boolean owesSteps, long nowNanos) {
        var pulse = before.tick(nowNanos, rules.settledTick());
        if (pulse.isSilent(nowNanos, rules.silentAfter()))
            return placement.lost(state, run, LossCause.SILENT, rules.silentAfter().toMillis() + " ms", nowNanos);
        if (owesSteps && pulse.isStalled(nowNanos, rules.stalledAfter()))
            return placement.lost(state, run, LossCause.STALLED, rules.stalledAfter().toMillis() + " ms", nowNanos);
        return pulse.isToBeat(nowNanos, rules.beatInterval())
                ? Transition.to(state.with(run.in(pulsing(run, pulse.beaten(nowNanos)))),
                        new SessionEffect.Beat(run.choice()))
                : Transition.to(state.with(run.in(pulsing(run, pulse))));
    }
}
