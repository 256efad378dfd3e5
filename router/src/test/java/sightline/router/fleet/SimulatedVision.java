package sightline.router.fleet;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import sightline.stage.v1.CancelEncode;
import sightline.stage.v1.EncodeItem;
import sightline.stage.v1.Refused;
import sightline.stage.v1.ReleaseLease;
import sightline.stage.v1.Role;
import sightline.stage.v1.StreamBeat;
import sightline.stage.v1.Ticket;
import sightline.stage.v1.VisionCommand;
import sightline.stage.v1.VisionEvent;
import sightline.wire.Refusals;

/** The actor {@link VisionDispatcher} without Pekko: the real {@link VisionPlan}, with its effects carried out in a simulated router. */
public final class SimulatedVision {

    /** The router around it. */
    public interface Surroundings {
        long nowNanos();

        /** Where this router passes projected tokens on. */
        String relay();

        void gather(Runnable flush);

        Link open(PeerId node, Consumer<VisionEvent> said, Consumer<String> closed);

        void lost(PeerId node, String why);
    }

    /** The stream to one node. */
    public interface Link {
        void send(VisionCommand command);

        void cancel();
    }

    /** Pictures of one session. */
    private record Job(VisionNeed need, List<EncodeJob.Picture> pictures, Consumer<EncodeJob.Answer> replyTo) {}

    private static final class OpenLink {
        private Optional<Link> link = Optional.empty();
        private long heardNanos;

        private OpenLink(long heardNanos) {
            this.heardNanos = heardNanos;
        }

        private void send(VisionCommand.Builder command) {
            link.orElseThrow().send(command.build());
        }
    }

    private final Surroundings around;
    private final FleetSettings settings;
    private final Map<JobId, Job> jobs = new HashMap<>();
    private final Map<PeerId, OpenLink> links = new LinkedHashMap<>();
    private final VisionLedger ledger = new VisionLedger();
    private VisionPlan plan;
    private boolean gathering;
    private long beatNanos;
    private long tickNanos;

    public SimulatedVision(Surroundings around, FleetSettings settings) {
        this.around = around;
        this.settings = settings;
        this.plan = VisionPlan.empty(settings.picturesInFlight());
        this.beatNanos = around.nowNanos();
        this.tickNanos = beatNanos;
    }

    public void encode(JobId id, VisionNeed need, List<EncodeJob.Picture> pictures,
            Consumer<EncodeJob.Answer> replyTo) {
        jobs.put(id, new Job(need, pictures, replyTo));
        plan = plan.submit(id, need, pictures.size());
        if (!gathering) {
            gathering = true;
            around.gather(() -> {
                gathering = false;
                flush();
            });
        }
    }

    public void end(JobId id) {
        jobs.remove(id);
        carryOut(plan.end(id));
        flush();
    }

    public void view(FleetView view) {
        var workers = view.workers(Role.ROLE_VISION);
        ledger.nodes(workers.stream().map(Worker::id).collect(Collectors.toSet()));
        plan = plan.nodes(workers.stream()
                .collect(Collectors.toMap(Worker::id,
                        worker -> new VisionNeed.Offer(worker.description().getModel().getDigest(),
                                worker.fingerprint()))));
        if (!gathering)
            flush();
    }

    /** Who holds these projected tokens. */
    public Optional<PeerId> holder(Ticket ticket) {
        return plan.holder(ticket.getImageKey(), ticket.getSha256());
    }

    /** Pictures that are asked for, or held. */
    public int held() {
        return plan.jobs().size();
    }

    private void heard(PeerId from, OpenLink link, VisionEvent event) {
        if (links.get(from) != link)
            return;
        link.heardNanos = around.nowNanos();
        switch (event.getEventCase()) {
            case ENCODED -> {
                ledger.encoded(from, event.getEncoded(), around.nowNanos());
                var ticket = event.getEncoded().getTicket().toBuilder().addEndpoints(around.relay());
                carryOut(plan.encoded(from, event.getEncoded().toBuilder().setTicket(ticket).build()));
            }
            case REFUSED -> carryOut(plan.refused(from, event.getRefused()));
            case BEAT, EVENT_NOT_SET -> {
                return;
            }
        }
        flush();
    }

    private void lost(PeerId node, OpenLink link, String why) {
        if (links.get(node) != link)
            return;
        links.remove(node);
        around.lost(node, "encode stream: " + why);
        carryOut(plan.lost(node));
        flush();
    }

    public void tick() {
        long nowNanos = around.nowNanos();
        if (Nap.nanos(tickNanos, nowNanos, VisionDispatcher.TICK) > 0)
            links.values().forEach(link -> link.heardNanos = nowNanos);
        tickNanos = nowNanos;
        for (var silent : links.entrySet()
                .stream()
                .filter(open -> nowNanos - open.getValue().heardNanos >= settings.silentAfter().toNanos())
                .toList()) {
            silent.getValue().link.orElseThrow().cancel();
            lost(silent.getKey(), silent.getValue(), "silent");
        }
        if (nowNanos - beatNanos >= settings.beatInterval().toNanos()) {
            beatNanos = nowNanos;
            links.values()
                    .forEach(link -> link.send(VisionCommand.newBuilder().setBeat(StreamBeat.getDefaultInstance())));
        }
    }

    private void flush() {
        carryOut(plan.flush(ledger.at(around.nowNanos(), this::imageKeys)));
    }

    private List<ByteString> imageKeys(JobId id) {
        return requireNonNull(jobs.get(id)).pictures().stream().map(picture -> picture.key().byteString()).toList();
    }

    private void carryOut(VisionPlan.Transition transition) {
        plan = transition.plan();
        var items = new LinkedHashMap<PeerId, List<EncodeItem>>();
        for (var effect : transition.effects()) {
            switch (effect) {
                case VisionEffect.Send send -> {
                    items.computeIfAbsent(send.to(), _ -> new ArrayList<>()).addAll(items(send));
                    var keys = imageKeys(send.job());
                    ledger.sent(send.to(), send.job(), send.pictures().stream().map(keys::get).toList(),
                            around.nowNanos());
                }
                case VisionEffect.CancelItem(var at, var item) ->
                        tell(at, VisionCommand.newBuilder().setCancel(CancelEncode.newBuilder().setItem(item)));
                case VisionEffect.ReleaseItem(var at, var item) ->
                        tell(at, VisionCommand.newBuilder().setRelease(ReleaseLease.newBuilder().setItem(item)));
                case VisionEffect.Answer(var job, int picture, var encoded) ->
                        answer(job, new EncodeJob.Answer.Ready(picture, encoded));
                case VisionEffect.Refuse(var job, var _, var refused) -> answer(job, refusal(refused));
                case VisionEffect.NoNode(var job) -> answer(job, new EncodeJob.Answer.NoNode());
            }
        }
        items.forEach((peer, all) -> EncodeBatches.of(all).forEach(command -> linkTo(peer).send(command.toBuilder())));
    }

    private static EncodeJob.Answer refusal(Refused refused) {
        return new EncodeJob.Answer.Refused(StageFailure.toClient(Refusals.fromProto(refused, "r")));
    }

    private List<EncodeItem> items(VisionEffect.Send send) {
        var items = new ArrayList<EncodeItem>();
        var pictures = requireNonNull(jobs.get(send.job())).pictures();
        for (var picture : send.pictures().stream().map(pictures::get).toList())
            items.add(EncodeItem.newBuilder()
                    .setItem(send.firstItem() + items.size())
                    .setGroup(send.firstItem())
                    .setImageKey(picture.key().byteString())
                    .build());
        return items;
    }

    private void answer(JobId id, EncodeJob.Answer answer) {
        var job = answer instanceof EncodeJob.Answer.Ready ? jobs.get(id) : jobs.remove(id);
        if (job != null)
            job.replyTo().accept(answer);
    }

    private void tell(PeerId peer, VisionCommand.Builder command) {
        Optional.ofNullable(links.get(peer)).ifPresent(link -> link.send(command));
    }

    private OpenLink linkTo(PeerId peer) {
        var known = links.get(peer);
        if (known != null)
            return known;
        var fresh = new OpenLink(around.nowNanos());
        links.put(peer, fresh);
        fresh.link = Optional.of(around.open(peer, event -> heard(peer, fresh, event),
                why -> lost(peer, fresh, why)));
        return fresh;
    }
}
