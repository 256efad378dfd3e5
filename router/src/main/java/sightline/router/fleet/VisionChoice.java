package sightline.router.fleet;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Goes through the jobs of a {@link VisionPlan} that wait, in order, and chooses for each the node on which it would be
 * done first, whether that one has places now or not.
 *
 * <p>So a slow node gets a job only if a faster one has so much to do that it would take longer, and a node that has a
 * picture's tokens in its store gets the picture unless too many others are before it there. Whoever waits for a node
 * counts as work of it, and is not overtaken there.
 */
final class VisionChoice {
    private final VisionPlan plan;
    private final VisionCosts costs;
    private final Map<PeerId, Integer> unanswered = new HashMap<>();
    private final Map<PeerId, Double> secondsAhead = new HashMap<>();
    private final Set<PeerId> awaited = new HashSet<>();

    VisionChoice(VisionPlan plan, VisionCosts costs) {
        this.plan = plan;
        this.costs = costs;
        for (var job : plan.jobs().values())
            if (job.progress() instanceof VisionJob.Progress.Sent sent && sent.unanswered() > 0)
                add(sent.on(), job.id(), sent.unanswered());
        plan.nodes().keySet().forEach(node -> secondsAhead.merge(node, stoodStill(node), Double::sum));
    }

    /** A node that takes longer than it should is expected to go on so. */
    private double stoodStill(PeerId node) {
        int pictures = unanswered.getOrDefault(node, 0);
        double each = pictures == 0 ? 0 : secondsAhead.getOrDefault(node, 0.0) / pictures;
        return pictures == 0 ? 0 : Math.max(0, costs.silentSeconds(node) - each);
    }

    private void add(PeerId node, JobId job, int pictures) {
        unanswered.merge(node, pictures, Integer::sum);
        secondsAhead.merge(node, pictures * costs.seconds(node, job), Double::sum);
    }

    /** Where the job is sent now; nowhere, if it has to wait. */
    Optional<PeerId> next(VisionJob job) {
        var best = plan.nodes()
                .entrySet()
                .stream()
                .filter(node -> job.need().isMetBy(node.getValue()))
                .map(Map.Entry::getKey)
                .min(Comparator.<PeerId>comparingDouble(node -> doneAfter(node, job)).thenComparing(PeerId::name));
        if (best.isEmpty())
            return best;
        var node = best.get();
        boolean fits = unanswered.getOrDefault(node, 0) + job.pictures() <= plan.places() && !awaited.contains(node);
        if (!fits)
            awaited.add(node);
        add(node, job.id(), job.pictures());
        return fits ? best : Optional.empty();
    }

    private double doneAfter(PeerId node, VisionJob job) {
        return secondsAhead.getOrDefault(node, 0.0) + job.pictures() * costs.seconds(node, job.id());
    }
}
