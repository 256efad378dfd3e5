package sightline.router.fleet;

import java.util.function.LongSupplier;
import sightline.stage.v1.Prefilled;
import sightline.stage.v1.Role;

/** The actor {@link LanguageDispatcher} without Pekko: the real {@link ReplicaLedger}. */
public final class SimulatedPlacement {
    private final ReplicaLedger ledger = new ReplicaLedger();
    private final LongSupplier nanoClock;
    private FleetView view = FleetView.empty();

    public SimulatedPlacement(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    public void view(FleetView now) {
        view = now;
        ledger.replicas(now.workers(Role.ROLE_LANGUAGE));
    }

    public LanguageDispatcher.Answer place(RunId id, ReplicaNeed need, PromptWork work) {
        var replicas = view.languageReplicas(need.modelDigest());
        return ledger
                .place(id, need, work, replicas, nanoClock.getAsLong()).<LanguageDispatcher
                        .Answer>map(replica -> new LanguageDispatcher.Answer.Placed(id, replica))
                .orElseGet(() -> new LanguageDispatcher.Answer.NoReplica(id, !replicas.isEmpty()));
    }

    public void read(RunId id, Prefilled told) {
        ledger.read(id, told, nanoClock.getAsLong());
    }

    public void decoded(RunId id, int tokens, long micros) {
        ledger.decoded(id, tokens, micros, nanoClock.getAsLong());
    }

    public void end(RunId id) {
        ledger.end(id);
    }

    /** Sequences that are thought to be somewhere. */
    public int placed() {
        return ledger.placed();
    }
}
