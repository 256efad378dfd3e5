package sightline.router.fleet;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import sightline.router.fleet.VisionJob.Progress;
import sightline.stage.v1.Encoded;
import sightline.stage.v1.Refused;

/**
 * Which picture goes to which vision node: a pure value.
 *
 * <p>The pictures of a job go to one node, all at once or not at all, so that nobody holds a place and waits for another;
 * jobs that wait for a node are served in the order in which they came. A job whose node is lost before it answered goes to
 * another one, once, if there is another. From an answer until its release an item is held by a lease on its node.
 *
 * @param nodes what each usable node has
 * @param places pictures that a node may have without having answered
 */
record VisionPlan(SequencedMap<JobId, VisionJob> jobs, Map<PeerId, VisionNeed.Offer> nodes, int places, long nextItem) {

    record Transition(VisionPlan plan, List<VisionEffect> effects) {}

    static VisionPlan empty(int places) {
        return new VisionPlan(new LinkedHashMap<>(), Map.of(), places, 1);
    }

    /** The usable nodes have changed. Jobs on a node that is no longer among them stay there until it is lost. */
    VisionPlan nodes(Map<PeerId, VisionNeed.Offer> now) {
        return new VisionPlan(jobs, Map.copyOf(now), places, nextItem);
    }

    VisionPlan submit(JobId id, VisionNeed need, int pictures) {
        return with(VisionJob.waiting(id, need, pictures));
    }

    /** Sends on what has waited, as far as there are places on the nodes that are done with it first. */
    Transition flush(VisionCosts costs) {
        var plan = this;
        var effects = new ArrayList<VisionEffect>();
        var choice = new VisionChoice(this, costs);
        for (var job : jobs.values().stream().filter(VisionJob::isWaiting).toList()) {
            var target = choice.next(job);
            if (target.isPresent()) {
                effects.add(new VisionEffect.Send(target.get(), job.id(), plan.nextItem));
                plan = plan.send(job, target.get());
            } else if (!isServed(job)) {
                plan = plan.without(job.id());
                effects.add(new VisionEffect.NoNode(job.id()));
            }
        }
        return new Transition(plan, effects);
    }

    /** A node answered one item. Answers to jobs that are over are released at once. */
    Transition encoded(PeerId peer, Encoded answer) {
        var job = jobWith(peer, answer.getItem());
        if (job.isEmpty())
            return new Transition(this, List.of(new VisionEffect.ReleaseItem(peer, answer.getItem())));
        var sent = ((Progress.Sent) job.get().progress()).with(answer);
        var plan = with(job.get().with(sent));
        return sent.unanswered() > 0
                ? new Transition(plan, List.of())
                : new Transition(plan, List.of(new VisionEffect.Answer(job.get().id(),
                        sent.answers().stream().flatMap(Optional::stream).toList())));
    }

    /** A node refused one item, and with it the whole job. */
    Transition refused(PeerId peer, Refused refused) {
        var job = jobWith(peer, refused.getItem());
        if (job.isEmpty())
            return new Transition(this, List.of());
        var effects = new ArrayList<>(end(job.get()));
        effects.remove(new VisionEffect.CancelItem(peer, refused.getItem()));
        long firstItem = ((Progress.Sent) job.get().progress()).firstItem();
        effects.add(new VisionEffect.Refuse(job.get().id(), (int) (refused.getItem() - firstItem), refused));
        return new Transition(without(job.get().id()), effects);
    }

    /** Nobody needs the job any more: its items are cancelled or their leases released. */
    Transition end(JobId id) {
        var job = jobs.get(id);
        return job == null ? new Transition(this, List.of()) : new Transition(without(id), end(job));
    }

    /** The stream to the node is gone, and with it all that it held. */
    Transition lost(PeerId peer) {
        var plan = nodes(without(nodes, peer));
        var effects = new ArrayList<VisionEffect>();
        for (var job : jobs.values().stream().filter(job -> job.isOn(peer)).toList()) {
            boolean again = job.unanswered() > 0 && !job.retried() && plan.isServed(job);
            plan = again ? plan.with(job.again()) : plan.without(job.id());
            if (!again && job.unanswered() > 0)
                effects.add(new VisionEffect.NoNode(job.id()));
        }
        return new Transition(plan, effects);
    }

    /** The jobs of which a node owes an answer. */
    List<JobId> unansweredBy(PeerId peer) {
        return jobs.values()
                .stream()
                .filter(job -> job.isOn(peer) && job.unanswered() > 0)
                .map(VisionJob::id)
                .toList();
    }

    /** The node that holds these projected tokens for a session, by its lease. */
    Optional<PeerId> holder(ByteString imageKey, ByteString sha256) {
        return jobs.values()
                .stream()
                .filter(job -> job.progress() instanceof Progress.Sent sent && sent.holds(imageKey, sha256))
                .map(job -> ((Progress.Sent) job.progress()).on())
                .findFirst();
    }

    private VisionPlan send(VisionJob job, PeerId target) {
        var plan = with(job.sent(target, nextItem));
        return new VisionPlan(plan.jobs, nodes, places, nextItem + job.pictures());
    }

    private boolean isServed(VisionJob job) {
        return nodes.values().stream().anyMatch(job.need()::isMetBy);
    }

    private Optional<VisionJob> jobWith(PeerId peer, long item) {
        return jobs.values()
                .stream()
                .filter(job -> job.progress() instanceof Progress.Sent sent && sent.on().equals(peer) && sent.has(item))
                .findFirst();
    }

    private static List<VisionEffect> end(VisionJob job) {
        if (!(job.progress() instanceof Progress.Sent sent))
            return List.of();
        var effects = new ArrayList<VisionEffect>();
        sent.items(true).forEach(item -> effects.add(new VisionEffect.ReleaseItem(sent.on(), item)));
        sent.items(false).forEach(item -> effects.add(new VisionEffect.CancelItem(sent.on(), item)));
        return effects;
    }

    private VisionPlan with(VisionJob job) {
        var changed = new LinkedHashMap<>(jobs);
        changed.put(job.id(), job);
        return new VisionPlan(changed, nodes, places, nextItem);
    }

    private VisionPlan without(JobId id) {
        var changed = new LinkedHashMap<>(jobs);
        changed.remove(id);
        return new VisionPlan(changed, nodes, places, nextItem);
    }

    private static Map<PeerId, VisionNeed.Offer> without(Map<PeerId, VisionNeed.Offer> nodes, PeerId peer) {
        var changed = new HashMap<>(nodes);
        changed.remove(peer);
        return changed;
    }
}
