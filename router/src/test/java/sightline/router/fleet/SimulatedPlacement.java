package sightline.router.fleet;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The actor {@link LanguageDispatcher} without Pekko: the real {@link LanguagePlacement}. */
public final class SimulatedPlacement {
    private final Map<RunId, PeerId> placed = new HashMap<>();
    private FleetView view = FleetView.empty();

    public void view(FleetView now) {
        view = now;
    }

    public LanguageDispatcher.Answer place(RunId id, ReplicaNeed need) {
        var sequences = placed.values().stream().collect(Collectors.groupingBy(peer -> peer, Collectors.counting()));
        var replicas = view.languageReplicas(need.modelDigest());
        var choice = LanguagePlacement.choose(replicas, need, sequences);
        choice.ifPresent(replica -> placed.put(id, replica.id()));
        return choice.<LanguageDispatcher.Answer>map(replica -> new LanguageDispatcher.Answer.Placed(id, replica))
                .orElseGet(() -> new LanguageDispatcher.Answer.NoReplica(id, !replicas.isEmpty()));
    }

    public void end(RunId id) {
        placed.remove(id);
    }

    /** Sequences that are thought to be somewhere. */
    public int placed() {
        return placed.size();
    }
}
