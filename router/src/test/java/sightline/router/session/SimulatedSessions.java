package sightline.router.session;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import sightline.router.fleet.FleetView;
import sightline.router.fleet.JobId;
import sightline.router.prompt.RequestRefused;
import sightline.v1.GenerateRequest;

/** The actor {@link Sessions} without Pekko: the real {@link Admission} and {@link ModelChoice}. */
public final class SimulatedSessions {
    private final Sabotage sabotage;
    private final Map<JobId, SimulatedSession> running = new LinkedHashMap<>();
    private final Admission admission = new Admission(new SessionLimits(64, 1 << 30, Duration.ofSeconds(1)));
    private FleetView view = FleetView.empty();
    private long jobs;

    public SimulatedSessions(Sabotage sabotage) {
        this.sabotage = sabotage;
    }

    public void view(FleetView now) {
        view = now;
    }

    /**
     * Refuses the request, or gives it a session.
     *
     * @param preparing runs what it is given when a prompt has been prepared
     */
    public Optional<SimulatedSession> admit(GenerateRequest request, Client client, long deadlineNanos, long drawnSeed,
            Function<JobId, SimulatedSession.Surroundings> around, Consumer<Runnable> preparing) {
        var refusal = admission.refusal("", request.getRequestId(), 0);
        if (refusal.isPresent()) {
            client.fail(refusal.get());
            return Optional.empty();
        }
        try {
            var id = new JobId(++jobs);
            var surroundings = around.apply(id);
            var facts = SimulatedRequest.facts(request, id, surroundings.nowNanos(), deadlineNanos, drawnSeed);
            if (ModelChoice.of(facts.request(), view) instanceof ModelChoice.None(var failure)) {
                client.fail(failure);
                return Optional.empty();
            }
            admission.admit(facts.tenant(), facts.requestId());
            var session = new SimulatedSession(facts, client, surroundings, sabotage);
            running.put(id, session);
            preparing.accept(() -> session.on(SimulatedRequest.prepare(request, facts)));
            return Optional.of(session);
        } catch (RequestRefused e) {
            client.fail(e.failure());
            return Optional.empty();
        }
    }

    public void over(JobId id) {
        var over = running.remove(id);
        if (over != null)
            admission.release("", over.requestId());
    }

    public Collection<SimulatedSession> running() {
        return running.values();
    }
}
