package sightline.router.session;

import java.util.stream.IntStream;
import sightline.router.fleet.EncodeJob;
import sightline.router.fleet.LanguageDispatcher;
import sightline.router.fleet.ReplicaNeed;
import sightline.router.fleet.StageFailure;
import sightline.router.fleet.Worker;
import sightline.router.session.Run.Stage;
import sightline.router.session.Run.Suspicion;
import sightline.router.session.SessionPlan.Transition;
import sightline.stage.v1.Encoded;
import sightline.wire.Failure;

/**
 * How an answer comes to a replica, the first time and whenever it has lost one: by its pictures, then by a place, then by
 * a stream that begins behind the tokens that are there. A pure function, a part of {@link SessionPlan}.
 */
final class PlacementPlan {
    private final SessionFacts facts;
    private final SuspectPlan suspects;
    private final Messages messages;

    PlacementPlan(SessionFacts facts) {
        this.facts = facts;
        this.suspects = new SuspectPlan(facts.rules());
        this.messages = new Messages(facts);
    }

    /** The first answer that is not whole is sought a replica, which reads the prompt for all of them. */
    Transition begin(PreparedPrompt prompt, long nowNanos) {
        var runs = IntStream.range(0, facts.answers())
                .mapToObj(choice -> Run.begin(choice, prompt.answers().get(choice), nowNanos))
                .toList();
        var state = Answering.prepared(prompt, runs, facts.resumed());
        var first = runs.stream().filter(run -> !run.isWhole()).findFirst();
        return first.map(run -> seek(state, run)).orElseGet(() -> Transition.to(state));
    }

    /** Those that waited for the prompt to be read. */
    Transition seekHeld(Answering state) {
        return Transition.each(state,
                (now, run) -> run.stage() instanceof Stage.Held ? seek(now, run) : Transition.to(now));
    }

    private Transition seek(Answering state, Run run) {
        if (mayOpen(state, run))
            return place(state, run);
        boolean pausing = state.any(new Stage.Encoding(false)::equals);
        var waiting = state.with(run.in(new Stage.Encoding(!pausing)));
        return pausing || state.tickets().isPresent()
                ? Transition.to(waiting)
                : Transition.to(waiting.asked(), encode(waiting));
    }

    /**
     * The replica reads the prompt up to the first picture that is still being encoded, so it begins with the first one's
     * ticket. A suspect begins with all, since others of its kind wait for it.
     */
    private static boolean mayOpen(Answering state, Run run) {
        return state.tickets()
                .filter(tickets -> tickets.areWhole() || (!run.isSuspect() && tickets.of(0).isPresent()))
                .isPresent();
    }

    private SessionEffect encode(Answering state) {
        return new SessionEffect.EncodePictures(state.prompt(), state.equal().map(Fingerprints::vision));
    }

    private Transition place(Answering state, Run run) {
        var need = new ReplicaNeed(facts.model().digest(), state.equal().map(Fingerprints::language),
                state.prompt().positions(), state.reader(), run.avoided());
        return Transition.to(state.with(run.in(new Stage.Placing(true))),
                new SessionEffect.Place(run.choice(), need));
    }

    Transition onVision(Answering state, EncodeJob.Answer answer, long nowNanos) {
        return switch (answer) {
            case EncodeJob.Answer.Ready(int picture, var encoded) -> onEncoded(state, picture, encoded, nowNanos);
            case EncodeJob.Answer.Refused(Failure.Overloaded _) when state.hasBegun() -> pauseEncoding(state, nowNanos);
            case EncodeJob.Answer.Refused(Failure.NoReplica _) -> pauseEncoding(state, nowNanos); // its node goes away
            case EncodeJob.Answer.Refused(var failure) -> Transition.failed(failure);
            case EncodeJob.Answer.NoNode _ -> pauseEncoding(state, nowNanos);
        };
    }

    private Transition onEncoded(Answering before, int picture, Encoded encoded, long nowNanos) {
        if (before.tickets().isEmpty())
            return Transition.to(before); // nobody needs it any more
        if (!before.isSameAsBefore(picture, encoded))
            return Transition.failed(
                    new Failure.Diverged("projected tokens differ from those before (expected: the same ones)"));
        return Transition.each(before.with(picture, encoded), (now, run) -> switch (run.stage()) {
            case Stage.Encoding _ -> mayOpen(now, run) ? place(now, run) : Transition.to(now);
            case Stage.Opening opening when opening.missing().contains(picture) ->
                    Transition.to(now.with(run.in(opening.given(picture, nowNanos))),
                            new SessionEffect.SendTicket(run.choice(), picture, encoded.getTicket()));
            case Stage.Held _,Stage.Placing _,Stage.OnTrial _,Stage.Opening _,Stage.Decoding _,Stage.Closing _,Stage.Whole _ ->
                    Transition.to(now);
        });
    }

    /** An answer that has begun gets equal pictures, so its replica keeps the tickets that it has; others begin anew. */
    private Transition pauseEncoding(Answering before, long nowNanos) {
        return Transition.each(before.withoutTickets(), (now, run) -> {
            boolean isEncoding = run.stage() instanceof Stage.Encoding;
            if (!isEncoding && !run.lacksTickets())
                return Transition.to(now);
            if (isSearchOver(run, nowNanos))
                return Transition.failed(new Failure.NoReplica("no vision node could serve the pictures"));
            if (isEncoding)
                return Transition.to(now.with(run.in(new Stage.Encoding(false))));
            return now.hasBegun()
                    ? Transition.to(now)
                    : again(now, run, LossCause.PICTURES, "no vision node for the other pictures", nowNanos);
        });
    }

    Transition onPlacement(Answering state, LanguageDispatcher.Answer answer, long nowNanos) {
        var run = state.run(answer.id().choice());
        return switch (answer) {
            case LanguageDispatcher.Answer.Placed(var _, var replica) -> mayOpen(state, run)
                    ? open(state, run, replica, nowNanos)
                    : seek(state, run); // tickets were lost meanwhile
            case LanguageDispatcher.Answer.NoReplica(var _, boolean othersServe) when isSearchOver(run, nowNanos) ->
                    Transition.failed(othersServe && state.equal().isPresent()
                            ? new Failure.NoEqualReplica(
                                    "no language replica has the fingerprint of the answer's begin")
                            : new Failure.NoReplica("no language replica could serve the request"));
            case LanguageDispatcher.Answer.NoReplica _ -> Transition.to(state.with(run.in(new Stage.Placing(false))));
        };
    }

    private Transition open(Answering state, Run run, Worker replica, long nowNanos) {
        var opened = run.opened(replica, state.tickets().orElseThrow().missing(), nowNanos);
        return Transition.to(state.with(opened), new SessionEffect.OpenStream(run.choice(), run.epoch(), replica,
                messages.begin(state, run, nowNanos)));
    }

    /** What could not be had is asked for again; whoever is not to be sought a replica yet has not waited for one. */
    Transition onTick(Answering before, long nowNanos) {
        var asked = askAgain(before);
        return asked.then(Transition.each((Answering) asked.state(), (now, run) -> switch (run.stage()) {
            case Stage.Placing(boolean waits) when !waits -> mayBeSought(now, run)
                    ? seek(now, run)
                    : Transition.to(now.with(run.seekingFrom(nowNanos)));
            case Stage.OnTrial trial -> Transition.to(now.with(run.in(trial.askedAgain())),
                    new SessionEffect.AskFate(run.choice(), trial.replica()));
            case Stage.Held _,Stage.Encoding _,Stage.Placing _,Stage.Opening _,Stage.Decoding _,Stage.Closing _,Stage.Whole _ ->
                    Transition.to(now);
        }));
    }

    private boolean mayBeSought(Answering state, Run run) {
        return !isUnread(state, run) && !SuspectPlan.isHeldBack(state, run);
    }

    private Transition askAgain(Answering before) {
        boolean lacksTickets = before.tickets().isEmpty() && before.runs().stream().anyMatch(Run::lacksTickets);
        if (!lacksTickets && !before.any(new Stage.Encoding(false)::equals))
            return Transition.to(before);
        var state = before;
        for (var run : before.runs())
            if (run.stage() instanceof Stage.Encoding)
                state = state.with(run.in(new Stage.Encoding(true)));
        return Transition.to(state.asked(), encode(state));
    }

    /** The replica has broken the stream, or says nothing any more: it gets no work until it describes itself again. */
    Transition lost(Answering state, Run run, LossCause cause, String why, long nowNanos) {
        var report = new SessionEffect.ReportLost(run.replica().orElseThrow().id(), why);
        if (cause == LossCause.BROKEN && run.suspicion() == Suspicion.IN_TURN)
            return Transition.to(state, report)
                    .then(suspects.accuse(again(state, run, cause, why, nowNanos), run, nowNanos));
        boolean hadRead = run.stage() instanceof Stage.Decoding;
        if (!hadRead && isSearchOver(run, nowNanos) && run.epoch() > 0)
            return Transition.to(state, report)
                    .then(Transition.failed(new Failure.NoReplica("every language replica that took it was lost")));
        var next = again(state, SuspectPlan.suspected(run, cause), cause, why, nowNanos);
        return Transition.to(state, report)
                .then(hadRead || run.epoch() == 0 ? atOnce(next, run) : next);
    }

    /**
     * The replica lives, and will not have it.
     *
     * @param failure what the client is told where asking another replica, or again, is of no use
     */
    Transition refused(Answering state, Run run, Failure failure, long nowNanos) {
        boolean useful = switch (failure) {
            case Failure.Draining _,Failure.NotHeld _,Failure.WrongModel _,Failure.BadTensor _,Failure.Cancelled _,Failure.NoReplica _ ->
                    true;
            case Failure.Overloaded _ -> state.hasBegun();
            case Failure.BadField _,Failure.BadImage _,Failure.PromptTooLong _,Failure.BadMessage _,Failure.Quota _,Failure.SlowClient _,Failure.NoEqualReplica _,Failure.Deadline _,Failure.UnknownModel _,Failure.DuplicateRequest _,Failure.Diverged _,Failure.Poison _,Failure.Bug _ ->
                    false;
        };
        var paused = run.again(LossCause.REFUSED, nowNanos);
        if (!useful || isSearchOver(paused, nowNanos))
            return Transition.failed(StageFailure.toClient(failure));
        boolean picturesGone = failure instanceof Failure.NotHeld || failure instanceof Failure.BadTensor;
        var next = again(state, run, LossCause.REFUSED, failure.reason(), nowNanos);
        return picturesGone ? next.then(dropTickets((Answering) next.state())) : next;
    }

    /** The answer waits for the next tick to be sought a replica. */
    private Transition again(Answering state, Run run, LossCause cause, String why, long nowNanos) {
        var next = run.again(cause, nowNanos);
        return Transition.to(state.with(next.in(new Stage.Placing(false))), new SessionEffect.CloseStream(run.choice()),
                new SessionEffect.FailOver(run.choice(), next.epoch(), run.answer().log().size(), cause, why));
    }

    /**
     * Suspects wait for the siblings that were beside them, which break off too, as it is then clear who goes first; and a
     * replica that may send nothing is of no use.
     */
    private Transition atOnce(Transition paused, Run lost) {
        var state = (Answering) paused.state();
        var run = state.run(lost.choice());
        if (!run.isSuspect())
            return isUnread(state, run) ? paused : paused.then(seek(state, run));
        var there = lost.replica().map(Worker::id);
        boolean siblingsFollow = state.runs().stream().anyMatch(one -> one.replica().map(Worker::id).equals(there));
        return siblingsFollow ? paused : paused.then(seekSuspect(state));
    }

    /** The next one of the suspects is sought a replica, where none of the others has one. */
    Transition seekSuspect(Answering state) {
        return state.runs()
                .stream()
                .filter(run -> run.isSuspect() && new Stage.Placing(false).equals(run.stage()))
                .filter(run -> mayBeSought(state, run))
                .findFirst()
                .map(run -> seek(state, run))
                .orElseGet(() -> Transition.to(state));
    }

    /** Whether no credit is left, as what came so far waits for the client. */
    private boolean isUnread(Answering state, Run run) {
        return state.delivery().tokens(run.choice()) >= facts.rules().creditTokens();
    }

    /** The leases of pictures go when nobody will ask for their projected tokens any more. */
    Transition dropTickets(Answering state) {
        return state.prompt().pictures().isEmpty() || state.tickets().isEmpty()
                ? Transition.to(state)
                : Transition.to(state.withoutTickets(), new SessionEffect.EndPictures());
    }

    private boolean isSearchOver(Run run, long nowNanos) {
        return run.isSoughtFor(facts.rules().waitForReplica(), nowNanos);
    }
}
