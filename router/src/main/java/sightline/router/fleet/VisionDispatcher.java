package sightline.router.fleet;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import sightline.stage.v1.CancelEncode;
import sightline.stage.v1.EncodeItem;
import sightline.stage.v1.Encoded;
import sightline.stage.v1.Refused;
import sightline.stage.v1.ReleaseLease;
import sightline.stage.v1.Role;
import sightline.stage.v1.StreamBeat;
import sightline.stage.v1.VisionCommand;
import sightline.stage.v1.VisionEvent;
import sightline.wire.Endpoint;
import sightline.wire.Failure;
import sightline.wire.Refusals;

/**
 * Gets pictures encoded: collects those of many sessions for a moment, sends them to vision nodes on one long stream
 * each, and answers every picture once, or its job.
 *
 * <p>Decides nothing itself, see {@link VisionPlan}. A stream that breaks or falls silent is reported to the fleet.
 */
public final class VisionDispatcher extends AbstractMatchingBehavior<VisionDispatcher.Command> {
    static final Duration TICK = Duration.ofMillis(250);

    /** What sessions, the fleet and the nodes tell. */
    public sealed interface Command {}

    public record Encode(EncodeJob job) implements Command {}

    /** The session needs the job's pictures no more, whether they were encoded or not. */
    public record End(JobId job) implements Command {}

    /** Asks who holds these projected tokens for a session. */
    public record Locate(ByteString imageKey, ByteString sha256, ActorRef<Optional<Holder>> replyTo)
            implements
                Command {}

    /** A vision node that holds projected tokens, and the channel to it. */
    public record Holder(PeerId node, Channel channel) {}

    private record View(FleetView view) implements Command {}

    private record Heard(PeerId from, long link, VisionLink.Said said) implements Command {}

    private enum Timed implements Command {
        FLUSH, TICK
    }

    private record OpenLink(long number, VisionLink link, Channel channel) {}

    private final ActorRef<Fleet.Command> fleet;
    private final FleetSettings settings;
    private final Endpoint relay;
    private final TimerScheduler<Command> timers;
    private final LongSupplier nanoClock;
    private final Map<JobId, EncodeJob> jobs = new HashMap<>();
    private final Map<PeerId, OpenLink> links = new HashMap<>();
    private Map<PeerId, Channel> channels = Map.of();
    private final VisionLedger ledger = new VisionLedger();
    private VisionPlan plan;
    private long linksOpened;
    private long beatNanos;
    private long tickNanos;

    /** Begins without nodes; {@code relay} becomes the last endpoint of every ticket. */
    public static Behavior<Command> create(ActorRef<Fleet.Command> fleet, FleetSettings settings, Endpoint relay) {
        return Behaviors.setup(context -> Behaviors
                .withTimers(timers -> new VisionDispatcher(context, timers, fleet, settings, relay, System::nanoTime)));
    }

    private VisionDispatcher(ActorContext<Command> context, TimerScheduler<Command> timers,
            ActorRef<Fleet.Command> fleet, FleetSettings settings, Endpoint relay, LongSupplier nanoClock) {
        super(context);
        this.fleet = fleet;
        this.settings = settings;
        this.relay = relay;
        this.timers = timers;
        this.nanoClock = nanoClock;
        this.plan = VisionPlan.empty(settings.picturesInFlight());
        this.beatNanos = nanoClock.getAsLong();
        this.tickNanos = beatNanos;
        fleet.tell(new Fleet.Subscribe(context.messageAdapter(FleetView.class, View::new)));
        timers.startTimerAtFixedRate(Timed.TICK, TICK);
    }

    @Override
    public Behavior<Command> onMessage(Command command) {
        return switch (command) {
            case Encode(var job) -> onEncode(job);
            case End(var job) -> onEnd(job);
            case Locate m -> onLocate(m);
            case View(var view) -> onView(view);
            case Heard m -> onHeard(m);
            case Timed.FLUSH -> flush();
            case Timed.TICK -> onTick(nanoClock.getAsLong());
        };
    }

    @Override
    public Behavior<Command> onSignal(Signal signal) {
        if (signal instanceof PostStop)
            links.values().forEach(open -> open.link().cancel("the router stops"));
        return this;
    }

    private Behavior<Command> onEncode(EncodeJob job) {
        carryOut(plan.end(job.id())); // who asks anew has no use for what it asked for before
        jobs.put(job.id(), job);
        plan = plan.submit(job.id(), job.need(), job.pictures().size());
        if (!timers.isTimerActive(Timed.FLUSH))
            timers.startSingleTimer(Timed.FLUSH, settings.gather());
        return this;
    }

    private Behavior<Command> onEnd(JobId job) {
        jobs.remove(job);
        carryOut(plan.end(job));
        return flush();
    }

    /** A node that drains still gives what it holds: it is in no view, but its link is there. */
    private Behavior<Command> onLocate(Locate message) {
        message.replyTo()
                .tell(plan.holder(message.imageKey(), message.sha256())
                        .flatMap(node -> Optional.ofNullable(links.get(node))
                                .map(open -> new Holder(node, open.channel()))));
        return this;
    }

    private Behavior<Command> onView(FleetView view) {
        var workers = view.workers(Role.ROLE_VISION);
        channels = workers.stream().collect(Collectors.toMap(Worker::id, Worker::channel));
        ledger.nodes(channels.keySet());
        plan = plan.nodes(workers.stream()
                .collect(Collectors.toMap(Worker::id,
                        worker -> new VisionNeed.Offer(worker.description().getModel().getDigest(),
                                worker.fingerprint()))));
        return timers.isTimerActive(Timed.FLUSH) ? this : flush();
    }

    private Behavior<Command> onHeard(Heard message) {
        var open = links.get(message.from());
        if (open == null || open.number() != message.link())
            return this; // of a stream that was given up
        open.link().heard(nanoClock.getAsLong());
        return switch (message.said()) {
            case VisionLink.Said.Event(var event) -> onEvent(message.from(), event);
            case VisionLink.Said.Closed(var why) -> onLost(message.from(), why);
        };
    }

    private Behavior<Command> onEvent(PeerId from, VisionEvent event) {
        switch (event.getEventCase()) {
            case ENCODED -> {
                ledger.encoded(from, event.getEncoded(), nanoClock.getAsLong());
                carryOut(plan.encoded(from, relayed(event.getEncoded())));
            }
            case REFUSED -> carryOut(plan.refused(from, event.getRefused()));
            case BEAT, EVENT_NOT_SET -> {
                return this;
            }
        }
        return flush();
    }

    /** This router passes the tokens on where a language node does not reach the vision node. */
    private Encoded relayed(Encoded encoded) {
        var ticket = encoded.getTicket().toBuilder().addEndpoints(relay.toString());
        return encoded.toBuilder().setTicket(ticket).build();
    }

    private Behavior<Command> onLost(PeerId peer, String why) {
        links.remove(peer);
        fleet.tell(new Fleet.PeerLost(peer, "encode stream: " + why));
        plan.unansweredBy(peer).forEach(job -> requireNonNull(jobs.get(job)).logLost(peer, why));
        carryOut(plan.lost(peer));
        return flush();
    }

    private Behavior<Command> onTick(long nowNanos) {
        if (Nap.nanos(tickNanos, nowNanos, TICK) > 0)
            links.values().forEach(open -> open.link().heard(nowNanos)); // this side did not listen
        tickNanos = nowNanos;
        for (var silent : links.entrySet()
                .stream()
                .filter(open -> open.getValue().link().silentNanos(nowNanos) >= settings.silentAfter().toNanos())
                .toList()) {
            silent.getValue().link().cancel("silent");
            onLost(silent.getKey(), "silent for " + settings.silentAfter().toMillis() + " ms");
        }
        if (nowNanos - beatNanos >= settings.beatInterval().toNanos()) {
            beatNanos = nowNanos;
            var beat = VisionCommand.newBuilder().setBeat(StreamBeat.getDefaultInstance()).build();
            links.values().forEach(open -> open.link().send(beat));
        }
        return timers.isTimerActive(Timed.FLUSH) ? this : flush(); // a node that stands still costs more than before
    }

    private Behavior<Command> flush() {
        return carryOut(plan.flush(ledger.at(nanoClock.getAsLong(), this::imageKeys)));
    }

    private List<ByteString> imageKeys(JobId id) {
        var job = jobs.get(id);
        return requireNonNull(job).pictures().stream().map(picture -> picture.key().byteString()).toList();
    }

    private Behavior<Command> carryOut(VisionPlan.Transition transition) {
        plan = transition.plan();
        var items = new LinkedHashMap<PeerId, List<EncodeItem>>();
        for (var effect : transition.effects()) {
            switch (effect) {
                case VisionEffect.Send send -> {
                    items.computeIfAbsent(send.to(), _ -> new ArrayList<>()).addAll(items(send));
                    var keys = imageKeys(send.job());
                    ledger.sent(send.to(), send.job(), send.pictures().stream().map(keys::get).toList(),
                            nanoClock.getAsLong());
                }
                case VisionEffect.CancelItem(var at, var item) -> tell(at,
                        VisionCommand.newBuilder().setCancel(CancelEncode.newBuilder().setItem(item)).build());
                case VisionEffect.ReleaseItem(var at, var item) -> tell(at,
                        VisionCommand.newBuilder().setRelease(ReleaseLease.newBuilder().setItem(item)).build());
                case VisionEffect.Answer(var job, int picture, var encoded) ->
                        answer(job, new EncodeJob.Answer.Ready(picture, encoded));
                case VisionEffect.Refuse(var job, var picture, var refused) ->
                        answer(job, new EncodeJob.Answer.Refused(failure(job, picture, refused)));
                case VisionEffect.NoNode(var job) -> answer(job, new EncodeJob.Answer.NoNode());
            }
        }
        items.forEach((peer, all) -> EncodeBatches.of(all).forEach(linkTo(peer)::send));
        return this;
    }

    private Failure failure(JobId id, int picture, Refused refused) {
        var job = requireNonNull(jobs.get(id));
        return StageFailure.toClient(Refusals.fromProto(refused, job.requestId()))
                .at(job.pictures().get(picture).place());
    }

    private List<EncodeItem> items(VisionEffect.Send send) {
        var job = requireNonNull(jobs.get(send.job()));
        long remainingMillis = TimeUnit.NANOSECONDS.toMillis(job.deadlineNanos() - nanoClock.getAsLong());
        var items = new ArrayList<EncodeItem>();
        for (var picture : send.pictures().stream().map(job.pictures()::get).toList())
            items.add(EncodeItem.newBuilder()
                    .setItem(send.firstItem() + items.size())
                    .setGroup(send.firstItem())
                    .setImageKey(picture.key().byteString())
                    .setEncoded(picture.encoded())
                    .setModelDigest(job.need().modelDigest())
                    .setRemainingMillis(Math.max(1, remainingMillis))
                    .build());
        return items;
    }

    private void answer(JobId id, EncodeJob.Answer answer) {
        var job = answer instanceof EncodeJob.Answer.Ready ? jobs.get(id) : jobs.remove(id);
        if (job != null)
            job.replyTo().tell(answer);
    }

    private void tell(PeerId peer, VisionCommand command) {
        var open = links.get(peer);
        if (open != null)
            open.link().send(command);
    }

    private VisionLink linkTo(PeerId peer) {
        return links.computeIfAbsent(peer, _ -> {
            long number = ++linksOpened;
            var self = getContext().getSelf();
            var channel = requireNonNull(channels.get(peer));
            var link = VisionLink.open(channel, said -> self.tell(new Heard(peer, number, said)),
                    nanoClock.getAsLong());
            return new OpenLink(number, link, channel);
        }).link();
    }
}
