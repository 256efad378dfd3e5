package sightline.router.session;

import static sightline.router.session.SessionFixture.REPLICA;
import static sightline.router.session.SessionFixture.RULES;
import static sightline.router.session.SessionFixture.nanos;
import static sightline.router.session.SessionFixture.prefilled;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import sightline.router.fleet.LanguageDispatcher;
import sightline.router.fleet.RunId;
import sightline.router.fleet.Worker;
import sightline.v1.ChoiceEnd;
import sightline.v1.Delta;
import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.wire.Failure;

/** One session, driven by hand; keeps all that it decided. */
final class DrivenSession {
    private final SessionFacts facts;
    private final SessionPlan plan;
    private SessionState state = new SessionState.Preparing();
    private final List<SessionEffect> all = new ArrayList<>();

    DrivenSession(GenerateRequest.Builder request, SessionRules rules) {
        facts = SessionFixture.facts(request, rules);
        plan = new SessionPlan(facts);
    }

    List<SessionEffect> prepared(int pictures, int maxNewTokens, double seconds) {
        return on(new SessionEvent.Prepared(SessionFixture.prompt(facts, pictures, maxNewTokens)), seconds);
    }

    List<SessionEffect> on(SessionEvent event, double seconds) {
        var transition = plan.on(state, event, nanos(seconds));
        state = transition.state();
        all.addAll(transition.effects());
        return transition.effects();
    }

    /** Ticks as a router that is awake does, every quarter of a second. */
    void tick(double fromSeconds, double toSeconds) {
        for (double at = fromSeconds; at < toSeconds; at += 0.25)
            on(new SessionEvent.Tick(), at);
    }

    List<GenerateResponse> written() {
        return all.stream()
                .filter(SessionEffect.Write.class::isInstance)
                .map(effect -> ((SessionEffect.Write) effect).response())
                .toList();
    }

    List<Delta> deltas() {
        return written().stream().filter(GenerateResponse::hasDelta).map(GenerateResponse::getDelta).toList();
    }

    String text() {
        return deltas().stream().map(Delta::getText).collect(Collectors.joining());
    }

    List<Integer> ids() {
        return deltas().stream().flatMap(delta -> delta.getTokenIdsList().stream()).toList();
    }

    Optional<ChoiceEnd> end() {
        return deltas().stream().filter(Delta::hasEnd).map(Delta::getEnd).findFirst();
    }

    Optional<Failure> failure() {
        return all.stream()
                .filter(SessionEffect.Fail.class::isInstance)
                .map(effect -> ((SessionEffect.Fail) effect).failure())
                .findFirst();
    }

    long count(Class<? extends SessionEffect> kind) {
        return all.stream().filter(kind::isInstance).count();
    }

    SessionState state() {
        return state;
    }

    List<SessionEffect> all() {
        return all;
    }

    /** One whose replica has begun to answer. */
    static DrivenSession decoding(GenerateRequest.Builder request, int maxNewTokens) {
        var session = new DrivenSession(request, RULES);
        session.prepared(0, maxNewTokens, 0.1);
        session.on(placed(), 0.2);
        session.on(prefilled(), 1);
        return session;
    }

    static SessionEvent placed() {
        return placed(0, REPLICA);
    }

    static SessionEvent placed(int choice, Worker replica) {
        return new SessionEvent.OfPlacement(
                new LanguageDispatcher.Answer.Placed(new RunId(SessionFixture.JOB, choice), replica));
    }

    static SessionEvent noReplica() {
        return new SessionEvent.OfPlacement(
                new LanguageDispatcher.Answer.NoReplica(new RunId(SessionFixture.JOB, 0), false));
    }
}
