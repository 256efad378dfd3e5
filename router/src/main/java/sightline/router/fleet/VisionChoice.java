package sightline.router.fleet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import sightline.router.fleet.VisionJob.Picture;

/**
 * Goes through the jobs of a {@link VisionPlan} that wait, in order, and chooses for each picture the node on which it
 * would be done first behind all that has been placed before it, whether that one has places now or not.
 *
 * <p>So the pictures of a job are spread where that is faster, a slow node gets one only if a faster one has so much to do
 * that it would take longer, and a node that has a picture's tokens in its store gets the picture unless too many others
 * are before it there. Together they go only to nodes that are proved to make the same bits. A job gets all its places or
 * waits; then it counts as work of the nodes that it waits for, and is not overtaken there.
 */
final class VisionChoice {
    private final VisionPlan plan;
    private final VisionCosts costs;
    private final Map<PeerId, Integer> unanswered = new HashMap<>();
    private final Map<PeerId, Double> secondsAhead = new HashMap<>();
    private final Set<PeerId> awaited = new HashSet<>();

    /**
     * Where the pictures of a job go.
     *
     * @param pictures by node, counted from 0
     * @param doneSeconds after which the last of them is done
     */
    record Spread(SequencedMap<PeerId, List<Integer>> pictures, double doneSeconds) {}

    VisionChoice(VisionPlan plan, VisionCosts costs) {
        this.plan = plan;
        this.costs = costs;
        for (var job : plan.jobs().values())
            for (int i = 0; i < job.pictures().size(); i++)
                if (job.pictures().get(i) instanceof Picture.Sent(var on, var _, var _))
                    add(on, job, i);
        plan.nodes().keySet().forEach(node -> secondsAhead.merge(node, stoodStill(node), Double::sum));
    }

    /** A node that takes longer than it should is expected to go on so. */
    private double stoodStill(PeerId node) {
        int pictures = unanswered.getOrDefault(node, 0);
        double each = pictures == 0 ? 0 : secondsAhead.getOrDefault(node, 0.0) / pictures;
        return pictures == 0 ? 0 : Math.max(0, costs.silentSeconds(node) - each);
    }

    private void add(PeerId node, VisionJob job, int picture) {
        unanswered.merge(node, 1, Integer::sum);
        secondsAhead.merge(node, costs.seconds(node, job.id(), picture), Double::sum);
    }

    /** Where the job's waiting pictures are sent now; nowhere, if it has to wait. */
    Optional<Spread> next(VisionJob job) {
        var best = alike(job).stream()
                .map(nodes -> spread(job, nodes))
                .min(Comparator.comparingDouble(Spread::doneSeconds)
                        .thenComparing(spread -> spread.pictures().firstEntry().getKey().name()));
        if (best.isEmpty())
            return best;
        var pictures = best.get().pictures();
        boolean fits = pictures.entrySet().stream().allMatch(each -> fits(each.getKey(), each.getValue().size()));
        if (!fits)
            awaited.addAll(pictures.keySet());
        pictures.forEach((node, each) -> each.forEach(picture -> add(node, job, picture)));
        return fits ? best : Optional.empty();
    }

    private boolean fits(PeerId node, int more) {
        return unanswered.getOrDefault(node, 0) + more <= plan.places() && !awaited.contains(node);
    }

    /** The nodes that may have pictures of the job, those together that make the same bits. */
    private List<List<PeerId>> alike(VisionJob job) {
        var need = job.need();
        return plan.nodes()
                .entrySet()
                .stream()
                .filter(node -> need.isMetBy(node.getValue()))
                .map(Map.Entry::getKey)
                .sorted(Comparator.comparing(PeerId::name))
                .collect(Collectors.groupingBy(this::bits, LinkedHashMap::new, Collectors.toList()))
                .values()
                .stream()
                .toList();
    }

    /** A node without a fingerprint is like no other. */
    private String bits(PeerId node) {
        var fingerprint = plan.fingerprint(node);
        return fingerprint.isEmpty() ? "of " + node : fingerprint;
    }

    private Spread spread(VisionJob job, List<PeerId> among) {
        var pictures = new LinkedHashMap<PeerId, List<Integer>>();
        var ahead = new HashMap<PeerId, Double>();
        double done = 0;
        for (int picture : job.waiting()) {
            double least = Double.POSITIVE_INFINITY;
            var best = among.getFirst();
            for (var node : among) {
                double seconds = ahead.getOrDefault(node, secondsAhead.getOrDefault(node, 0.0))
                        + costs.seconds(node, job.id(), picture);
                if (seconds < least) {
                    least = seconds;
                    best = node;
                }
            }
            ahead.put(best, least);
            pictures.computeIfAbsent(best, _ -> new ArrayList<>()).add(picture);
            done = Math.max(done, least);
        }
        return new Spread(pictures, done);
    }
}
