package sightline.router.fleet;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import sightline.router.fleet.VisionJob.Picture;
import sightline.stage.v1.Encoded;
import sightline.stage.v1.Refused;

/**
 * Which picture goes to which vision node: a pure value.
 *
 * <p>The pictures of a job may be spread over nodes of one fingerprint; all places are taken at once or none, so that nobody
 * holds one and waits for another, and jobs that wait for a node are served in the order in which they came. A picture
 * whose node is lost before it answered goes to another one, once, if there is another. From an answer until its release an
 * item is held by a lease on its node.
 *
 * @param nodes what each usable node has
 * @param places pictures that a node may have without having answered
 */
record VisionPlan(SequencedMap<JobId, VisionJob> jobs, Map<PeerId, VisionNeed.Offer> nodes, int places, long nextItem) {

    record Transition(VisionPlan plan, List<VisionEffect> effects) {
        private Transition after(Transition before) {
            var all = new ArrayList<>(before.effects);
            all.addAll(effects);
            return new Transition(plan, all);
        }
    }

    /** A picture of a job, counted from 0. */
    private record Found(VisionJob job, int picture) {}

    static VisionPlan empty(int places) {
        return new VisionPlan(new LinkedHashMap<>(), Map.of(), places, 1);
    }

    /** The usable nodes have changed. Pictures on a node that is no longer among them stay there until it is lost. */
    VisionPlan nodes(Map<PeerId, VisionNeed.Offer> now) {
        return new VisionPlan(jobs, Map.copyOf(now), places, nextItem);
    }

    /** Of a usable node. */
    String fingerprint(PeerId node) {
        return nodes.getOrDefault(node, VisionNeed.Offer.NONE).fingerprint();
    }

    VisionPlan submit(JobId id, VisionNeed need, int pictures) {
        return with(VisionJob.waiting(id, need, pictures));
    }

    /** Sends on what has waited, as far as there are places on the nodes that are done with it first. */
    Transition flush(VisionCosts costs) {
        var all = new Transition(this, List.of());
        var choice = new VisionChoice(this, costs);
        for (var job : jobs.values().stream().filter(VisionJob::isWaiting).toList()) {
            var spread = choice.next(job);
            if (spread.isPresent())
                all = all.plan.send(job, spread.get()).after(all);
            else if (!isServed(job))
                all = all.plan.noNode(job).after(all);
        }
        return all;
    }

    private Transition send(VisionJob job, VisionChoice.Spread spread) {
        var effects = new ArrayList<VisionEffect>();
        var sent = job;
        long item = nextItem;
        for (var each : spread.pictures().entrySet()) {
            effects.add(new VisionEffect.Send(each.getKey(), job.id(), each.getValue(), item));
            sent = sent.sent(each.getKey(), fingerprint(each.getKey()), each.getValue(), item);
            item += each.getValue().size();
        }
        return new Transition(new VisionPlan(with(sent).jobs, nodes, places, item), effects);
    }

    private Transition noNode(VisionJob job) {
        var effects = new ArrayList<>(end(job));
        effects.add(new VisionEffect.NoNode(job.id()));
        return new Transition(without(job.id()), effects);
    }

    /** A node answered one item. Answers to jobs that are over are released at once. */
    Transition encoded(PeerId peer, Encoded answer) {
        return find(peer, answer.getItem())
                .map(found -> new Transition(with(found.job.held(found.picture, peer, answer)),
                        List.<VisionEffect>of(new VisionEffect.Answer(found.job.id(), found.picture, answer))))
                .orElseGet(() -> new Transition(this, List.of(new VisionEffect.ReleaseItem(peer, answer.getItem()))));
    }

    /** A node refused one item, and with it the whole job. */
    Transition refused(PeerId peer, Refused refused) {
        var found = find(peer, refused.getItem());
        if (found.isEmpty())
            return new Transition(this, List.of());
        var job = found.get().job;
        var effects = new ArrayList<>(end(job));
        effects.remove(new VisionEffect.CancelItem(peer, refused.getItem()));
        effects.add(new VisionEffect.Refuse(job.id(), found.get().picture, refused));
        return new Transition(without(job.id()), effects);
    }

    /** Nobody needs the job any more: its items are cancelled or their leases released. */
    Transition end(JobId id) {
        var job = jobs.get(id);
        return job == null ? new Transition(this, List.of()) : new Transition(without(id), end(job));
    }

    /** The stream to the node is gone, and with it all that it held. */
    Transition lost(PeerId peer) {
        var all = new Transition(nodes(without(nodes, peer)), List.of());
        for (var job : jobs.values()) {
            var rest = job.lost(peer);
            if (rest.isGone())
                all = new Transition(all.plan.without(job.id()), all.effects);
            else if (job.isLostAgain(peer) || (rest.isWaiting() && !all.plan.isServed(rest)))
                all = all.plan.noNode(rest).after(all);
            else
                all = new Transition(all.plan.with(rest), all.effects);
        }
        return all;
    }

    /** The jobs of which a node owes an answer. */
    List<JobId> unansweredBy(PeerId peer) {
        return jobs.values()
                .stream()
                .filter(job -> job.isAwaitedFrom(peer))
                .map(VisionJob::id)
                .toList();
    }

    /** The node that holds these projected tokens for a session, by its lease. */
    Optional<PeerId> holder(ByteString imageKey, ByteString sha256) {
        return jobs.values()
                .stream()
                .flatMap(job -> job.pictures().stream())
                .flatMap(picture -> picture instanceof Picture.Held held && held.is(imageKey, sha256)
                        ? Stream.of(held.on())
                        : Stream.empty())
                .findFirst();
    }

    private boolean isServed(VisionJob job) {
        return nodes.values().stream().anyMatch(job.need()::isMetBy);
    }

    private Optional<Found> find(PeerId peer, long item) {
        return jobs.values()
                .stream()
                .flatMap(job -> job.sentAs(peer, item).stream().mapToObj(picture -> new Found(job, picture)))
                .findFirst();
    }

    private static List<VisionEffect> end(VisionJob job) {
        return job.pictures().stream().<VisionEffect>mapMulti((picture, effects) -> {
            switch (picture) {
                case Picture.Sent(var on, long item, var _) -> effects.accept(new VisionEffect.CancelItem(on, item));
                case Picture.Held(var on, long item, var _) -> effects.accept(new VisionEffect.ReleaseItem(on, item));
                case Picture.Waiting _,Picture.Gone _ -> {
                }
            }
        }).toList();
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
