package sightline.vision;

import io.grpc.stub.StreamObserver;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import sightline.runtime.Outbox;
import sightline.stage.v1.EncodeBatch;
import sightline.stage.v1.EncodeItem;
import sightline.stage.v1.Encoded;
import sightline.stage.v1.VisionCommand;
import sightline.stage.v1.VisionEvent;
import sightline.vision.store.Lease;
import sightline.vision.store.ProjectedTokens;
import sightline.wire.Failure;
import sightline.wire.ImageKey;
import sightline.wire.Refusals;
import sightline.wire.StatusMapping;

/**
 * One router's stream: admits its pictures, sends tickets, and gives back all leases when it ends, however it ends.
 *
 * <p>gRPC calls it from one thread at a time, the encoder and the timer from theirs.
 */
final class EncodeStream implements StreamObserver<VisionCommand>, EncodeJob.Listener {
    private final VisionService service;
    private final long id;
    private final Outbox<VisionEvent> outbox;
    /** Pictures of this stream by item number: those that wait and those with a lease. Guarded by this. */
    private final Map<Long, EncodeJob> open = new HashMap<>();
    private long pictures;
    private boolean draining;
    private volatile OptionalLong heardNanos = OptionalLong.empty();

    EncodeStream(VisionService service, long id, Outbox<VisionEvent> outbox) {
        this.service = service;
        this.id = id;
        this.outbox = outbox;
    }

    @Override
    public void onNext(VisionCommand command) {
        long nowNanos = System.nanoTime();
        if (heardNanos.isPresent() || command.hasBeat()) {
            heardNanos = OptionalLong.of(nowNanos);
        }
        switch (command.getCommandCase()) {
            case ENCODE -> groups(command.getEncode()).forEach(items -> onItems(items, nowNanos));
            case RELEASE -> remove(command.getRelease().getItem());
            case CANCEL -> remove(command.getCancel().getItem());
            case BEAT, COMMAND_NOT_SET -> {
            }
        }
    }

    /** The stream has broken. */
    @Override
    public void onError(Throwable error) {
        onGone();
    }

    /** The router is done: what it still waited for is of no use to anybody. */
    @Override
    public void onCompleted() {
        removeAll();
        outbox.complete();
    }

    /** The stream was cancelled or has broken. */
    void onGone() {
        outbox.abandon();
        removeAll();
    }

    /** Sends a heartbeat; a router that used to beat and has been silent for too long is given up. */
    void onBeat(long nowNanos) {
        var heard = heardNanos;
        if (heard.isPresent() && nowNanos - heard.getAsLong() >= service.parts().silence().toNanos()) {
            outbox.fail(StatusMapping.toStatus(new Failure.Cancelled("the router was silent for too long")));
            removeAll();
        } else {
            outbox.beat(VisionEvent.newBuilder().setBeat(service.parts().load().beat()).build());
        }
    }

    /** Takes no more pictures, and ends when no lease is left: until then somebody may come for the tokens. */
    synchronized void drain() {
        draining = true;
        completeIfDrained();
    }

    boolean isOver() {
        return outbox.isClosed();
    }

    private static Collection<List<EncodeItem>> groups(EncodeBatch batch) {
        return batch.getItemsList()
                .stream()
                .collect(Collectors.groupingBy(item -> item.getGroup() == 0 ? ~item.getItem() : item.getGroup(),
                        LinkedHashMap::new, Collectors.toList()))
                .values();
    }

    private void onItems(List<EncodeItem> items, long nowNanos) {
        var refusal = admit(items, nowNanos);
        refusal.ifPresent(failure -> items.forEach(item -> send(item.getItem(), failure)));
    }

    /** Takes the pictures on, or says why not, and then holds nothing for any of them. */
    private synchronized Optional<Failure> admit(List<EncodeItem> items, long nowNanos) {
        if (draining) {
            return Optional.of(new Failure.Draining("this node is going away"));
        }
        var numbers = new HashSet<Long>();
        var bad = items.stream().flatMap(item -> check(item, numbers.add(item.getItem())).stream()).findFirst();
        if (bad.isPresent()) {
            return bad;
        }
        if (!service.parts().leases().tryTake(items.size())) {
            return Optional.of(service.overloaded());
        }
        return start(items.stream().map(item -> opened(item, nowNanos)).toList());
    }

    private Optional<Failure> check(EncodeItem item, boolean isNew) {
        return !isNew || open.containsKey(item.getItem())
                ? Optional.of(new Failure.BadMessage("item: " + item.getItem() + " is in use (expected: a new one)"))
                : service.check(item);
    }

    private EncodeJob opened(EncodeItem item, long nowNanos) {
        long deadlineNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(item.getRemainingMillis());
        var job = new EncodeJob(new Lease(id, ++pictures), item.getItem(), ImageKey.fromBytes(item.getImageKey()),
                item.getEncoded(), nowNanos, deadlineNanos, this);
        open.put(item.getItem(), job);
        return job;
    }

    private Optional<Failure> start(List<EncodeJob> jobs) {
        var held = new LinkedHashMap<EncodeJob, ProjectedTokens>();
        jobs.forEach(job -> service.leaseHeld(job).ifPresent(tokens -> held.put(job, tokens)));
        var missing = jobs.stream().filter(job -> !held.containsKey(job)).toList();
        if (!service.parts().waiting().tryTake(missing.size())) {
            jobs.forEach(job -> remove(job.item()));
            return Optional.of(service.overloaded());
        }
        held.forEach((job, tokens) -> onEncoded(job, tokens, EncodeJob.Timing.ofStored()));
        missing.forEach(job -> service.parts().desk().tell(new EncodeDesk.Encode(job)));
        return Optional.empty();
    }

    @Override
    public synchronized void onEncoded(EncodeJob job, ProjectedTokens tokens, EncodeJob.Timing timing) {
        long item = job.item();
        if (!job.equals(open.get(item))) { // cancelled since, and the number perhaps given to another picture
            service.parts().store().release(job.lease());
            return;
        }
        outbox.send(VisionEvent.newBuilder()
                .setEncoded(Encoded.newBuilder()
                        .setItem(item)
                        .setTicket(service.ticket(tokens))
                        .setQueueUs(timing.queueMicros())
                        .setPreprocessUs(timing.preprocessMicros())
                        .setEncodeUs(timing.encodeMicros())
                        .setFromStore(timing.fromStore()))
                .build());
    }

    @Override
    public synchronized void onRefused(EncodeJob job, Failure failure) {
        long item = job.item();
        if (open.remove(item, job)) {
            service.parts().leases().giveBack();
            send(item, failure);
            completeIfDrained();
        }
    }

    private void send(long item, Failure failure) {
        outbox.send(VisionEvent.newBuilder().setRefused(Refusals.toProto(item, failure)).build());
    }

    private synchronized void remove(long item) {
        var removed = open.remove(item);
        if (removed != null) {
            removed.cancel();
            service.release(removed.lease());
            completeIfDrained();
        }
    }

    private synchronized void removeAll() {
        List.copyOf(open.keySet()).forEach(this::remove);
    }

    private void completeIfDrained() {
        if (draining && open.isEmpty()) {
            outbox.complete();
        }
    }
}
