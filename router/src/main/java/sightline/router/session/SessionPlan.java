package sightline.router.session;

import java.util.List;
import java.util.stream.Stream;
import sightline.router.fleet.EncodeJob;
import sightline.router.fleet.LanguageDispatcher;
import sightline.router.fleet.Worker;
import sightline.router.session.SessionState.Closing;
import sightline.router.session.SessionState.Decoding;
import sightline.router.session.SessionState.Delivering;
import sightline.router.session.SessionState.Encoding;
import sightline.router.session.SessionState.Opening;
import sightline.router.session.SessionState.Over;
import sightline.router.session.SessionState.Placing;
import sightline.router.session.SessionState.Preparing;
import sightline.router.session.SessionState.Search;
import sightline.stage.v1.Encoded;
import sightline.wire.Failure;

/**
 * What a session does about everything that can happen to it: a pure function of state, event and time.
 *
 * <p>This class takes a request to its replica, {@link AnswerPlan} takes the answer to the client, {@link EndPlan} ends it.
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

        static Transition failed(Failure failure) {
            return to(new Over(), new SessionEffect.FreeNodes(), new SessionEffect.Fail(failure));
        }
    }

    private final SessionFacts facts;
    private final AnswerPlan answers;
    private final EndPlan ends;

    SessionPlan(SessionFacts facts) {
        this.facts = facts;
        this.ends = new EndPlan(facts);
        this.answers = new AnswerPlan(facts, ends);
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
            case Encoding encoding -> onEncoding(encoding, event, nowNanos);
            case Placing placing -> onPlacing(placing, event, nowNanos);
            case Opening opening -> answers.onOpening(opening, event, nowNanos);
            case Decoding decoding -> answers.onDecoding(decoding, event, nowNanos);
            case Closing closing -> ends.onClosing(closing, event, nowNanos);
            case Delivering delivering -> ends.onDelivering(delivering, event, nowNanos);
            case Over over -> Transition.to(over);
        };
    }

    private static Transition onPreparing(Preparing state, SessionEvent event, long nowNanos) {
        return switch (event) {
            case SessionEvent.Prepared(var prompt) when prompt.pictures().isEmpty() ->
                    place(prompt, List.of(), nowNanos);
            case SessionEvent.Prepared(var prompt) -> Transition.to(new Encoding(prompt, new Search.Asked(nowNanos)),
                    new SessionEffect.EncodePictures(prompt));
            case SessionEvent.NotPrepared(var failure) -> Transition.failed(failure);
            case SessionEvent.OfVision _,SessionEvent.OfPlacement _,SessionEvent.OfReplica _,SessionEvent.OfClient _,SessionEvent.Tick _ ->
                    Transition.to(state);
        };
    }

    private Transition onEncoding(Encoding state, SessionEvent event, long nowNanos) {
        return switch (event) {
            case SessionEvent.OfVision(var answer) -> switch (answer) {
                case EncodeJob.Answer.Tickets(var tickets) -> place(state.prompt(), tickets, nowNanos);
                case EncodeJob.Answer.Refused(var failure) -> Transition.failed(failure);
                case EncodeJob.Answer.NoNode _ -> isSearchOver(state.search(), nowNanos)
                        ? Transition.failed(new Failure.NoReplica("no vision node could serve the pictures"))
                        : Transition.to(new Encoding(state.prompt(), pausing(state.search())));
            };
            case SessionEvent.Tick _ when state.search() instanceof Search.Pausing(long since) ->
                    Transition.to(new Encoding(state.prompt(), new Search.Asked(since)),
                            new SessionEffect.EncodePictures(state.prompt()));
            case SessionEvent.OfPrompt _,SessionEvent.OfPlacement _,SessionEvent.OfReplica _,SessionEvent.OfClient _,SessionEvent.Tick _ ->
                    Transition.to(state);
        };
    }

    private Transition onPlacing(Placing state, SessionEvent event, long nowNanos) {
        return switch (event) {
            case SessionEvent.OfPlacement(LanguageDispatcher.Answer.Placed(var replica)) ->
                    open(state, replica, nowNanos);
            case SessionEvent.OfPlacement(LanguageDispatcher.Answer.NoReplica _) ->
                    isSearchOver(state.search(), nowNanos)
                            ? Transition.failed(new Failure.NoReplica("no language replica could serve the request"))
                            : Transition.to(new Placing(state.prompt(), state.tickets(), pausing(state.search())));
            case SessionEvent.Tick _ when state.search() instanceof Search.Pausing(long since) ->
                    Transition.to(new Placing(state.prompt(), state.tickets(), new Search.Asked(since)),
                            new SessionEffect.Place(state.prompt().positions()));
            case SessionEvent.OfPrompt _,SessionEvent.OfVision _,SessionEvent.OfReplica _,SessionEvent.OfClient _,SessionEvent.Tick _ ->
                    Transition.to(state);
        };
    }

    private static Transition place(PreparedPrompt prompt, List<Encoded> tickets, long nowNanos) {
        return Transition.to(new Placing(prompt, tickets, new Search.Asked(nowNanos)),
                new SessionEffect.Place(prompt.positions()));
    }

    private Transition open(Placing state, Worker replica, long nowNanos) {
        var run = Run.first(state.prompt(), state.tickets(), replica);
        return Transition.to(new Opening(run, Pulse.starting(nowNanos)),
                new SessionEffect.OpenStream(replica, new Messages(facts).begin(run, nowNanos)));
    }

    private boolean isSearchOver(Search search, long nowNanos) {
        return nowNanos - search.sinceNanos() >= facts.rules().waitForReplica().toNanos();
    }

    private static Search pausing(Search search) {
        return new Search.Pausing(search.sinceNanos());
    }
}
