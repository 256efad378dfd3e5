package sightline.router.fleet;

import java.util.List;
import java.util.Optional;
import sightline.runtime.KnownNode;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.Role;

/**
 * What is known of the cluster at one moment.
 *
 * @param nodes everybody, this router included
 * @param workers those that can be given work now
 * @param models those that were learned, whether anybody serves them now or not
 */
public record FleetView(List<Node> nodes, List<Worker> workers, List<LearnedModel> models) {

    /** A member of the cluster, and whether there is reason to believe that it can be reached. */
    public record Node(KnownNode known, Optional<NodeDescription> description, boolean reachable) {}

    public FleetView {
        nodes = List.copyOf(nodes);
        workers = List.copyOf(workers);
        models = List.copyOf(models);
    }

    public static FleetView empty() {
        return new FleetView(List.of(), List.of(), List.of());
    }

    List<Worker> workers(Role role) {
        return workers.stream().filter(worker -> worker.description().getRole() == role).toList();
    }

    public List<Worker> languageReplicas(String modelDigest) {
        return workers.stream().filter(worker -> worker.serves(Role.ROLE_LANGUAGE, modelDigest)).toList();
    }

    public List<Worker> visionNodes(String modelDigest) {
        return workers.stream().filter(worker -> worker.serves(Role.ROLE_VISION, modelDigest)).toList();
    }

    /** Models that can be asked now: each has a language replica. */
    public List<LearnedModel> servedModels() {
        return models.stream().filter(model -> !languageReplicas(model.digest()).isEmpty()).toList();
    }

    /** The model of that name; of several, one that is served now. */
    public Optional<LearnedModel> model(String name) {
        var named = models.stream().filter(model -> model.name().equals(name)).toList();
        return named.stream().filter(servedModels()::contains).findFirst().or(() -> named.stream().findFirst());
    }

    /** Positions that a sequence of the model may have on the replica that takes the longest. */
    public int contextLength(LearnedModel model) {
        int configured = model.config().contextLength();
        return languageReplicas(model.digest()).stream()
                .mapToInt(replica -> replica.description().getContextLength())
                .map(length -> Math.min(length, configured))
                .max()
                .orElse(configured);
    }
}
