package sightline.router.sim;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import sightline.stage.v1.EncodeItem;
import sightline.stage.v1.Encoded;
import sightline.stage.v1.StreamBeat;
import sightline.stage.v1.Ticket;
import sightline.stage.v1.VisionCommand;
import sightline.stage.v1.VisionEvent;
import sightline.wire.Failure;
import sightline.wire.Refusals;

/** A vision node as routers see one: pictures one after the other, leases until they are released or the stream ends. */
final class VisionNode implements Node {
    private static final long BEAT_NANOS = VirtualTime.millis(500);
    private static final long ROUTER_SILENCE_NANOS = VirtualTime.millis(10_000);
    private static final int KEPT = 2;

    /** A picture that waits. */
    private record Waiting(Desk desk, EncodeItem item) {}

    private final NodeSpec spec;
    private final Machine machine;
    private final Moods moods;
    private final Set<Desk> desks = new LinkedHashSet<>();
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private final Queue<ByteString> kept = new ArrayDeque<>();
    private boolean encoding;

    VisionNode(NodeSpec spec, Machine machine) {
        this.spec = spec;
        this.machine = machine;
        this.moods = new Moods(machine.nowNanos());
        machine.every(BEAT_NANOS, this::beat);
    }

    /** One router's stream. */
    private final class Desk implements Call.Listener<VisionCommand> {
        private final Call<VisionCommand, VisionEvent> call;
        private final Set<Long> cancelled = new LinkedHashSet<>();
        private final Map<Long, ByteString> leases = new LinkedHashMap<>();
        private long heardNanos = machine.nowNanos();

        private Desk(Call<VisionCommand, VisionEvent> call) {
            this.call = call;
        }

        @Override
        public void said(VisionCommand command) {
            heardNanos = machine.nowNanos();
            switch (command.getCommandCase()) {
                case ENCODE -> command.getEncode().getItemsList().forEach(this::take);
                case RELEASE -> leases.remove(command.getRelease().getItem());
                case CANCEL -> cancelled.add(command.getCancel().getItem());
                case BEAT, COMMAND_NOT_SET -> {
                }
            }
            work();
        }

        private void take(EncodeItem item) {
            if (moods.is(Moods.Mood.DRAINING))
                refuse(item, new Failure.Draining("this node is going away"));
            else if (moods.is(Moods.Mood.OVERLOADED))
                refuse(item, new Failure.Overloaded("full", Duration.ofSeconds(1)));
            else
                waiting.add(new Waiting(this, item));
        }

        private void refuse(EncodeItem item, Failure failure) {
            call.answer(VisionEvent.newBuilder().setRefused(Refusals.toProto(item.getItem(), failure)).build());
        }

        private void encoded(EncodeItem item) {
            if (!desks.contains(this) || cancelled.contains(item.getItem()))
                return;
            var projected = PureModel.projected(item.getImageKey(), spec.bits());
            leases.put(item.getItem(), projected);
            kept.add(projected);
            if (kept.size() > KEPT)
                kept.remove();
            call.answer(VisionEvent.newBuilder()
                    .setEncoded(Encoded.newBuilder()
                            .setItem(item.getItem())
                            .setTicket(Ticket.newBuilder()
                                    .setImageKey(item.getImageKey())
                                    .setSha256(projected)
                                    .setVisionFingerprint(spec.fingerprint())
                                    .addEndpoints(spec.name())))
                    .build());
        }

        private void beat() {
            if (machine.nowNanos() - heardNanos >= ROUTER_SILENCE_NANOS) {
                call.finish("the router was silent");
                desks.remove(this);
            } else {
                call.answer(VisionEvent.newBuilder().setBeat(StreamBeat.getDefaultInstance()).build());
            }
        }

        @Override
        public void closed(String why) {
            desks.remove(this);
        }
    }

    Call.Listener<VisionCommand> accept(Call<VisionCommand, VisionEvent> call) {
        var desk = new Desk(call);
        desks.add(desk);
        return desk;
    }

    private void work() {
        if (encoding || waiting.isEmpty() || moods.is(Moods.Mood.STALLED))
            return;
        encoding = true;
        var next = waiting.remove();
        machine.after(spec.stepNanos(), () -> {
            encoding = false;
            next.desk().encoded(next.item());
            work();
        });
    }

    /** Whether it can hand these projected tokens out. */
    boolean holds(ByteString projected) {
        return kept.contains(projected) || desks.stream().anyMatch(desk -> desk.leases.containsValue(projected));
    }

    private void beat() {
        List.copyOf(desks).forEach(Desk::beat);
        work();
    }

    @Override
    public void drain() {
        moods.set(Moods.Mood.DRAINING, machine.nowNanos());
        while (!waiting.isEmpty()) {
            var next = waiting.remove();
            next.desk().refuse(next.item(), new Failure.Draining("this node is going away"));
        }
    }

    @Override
    public void cheerUp() {
        moods.set(Moods.Mood.WELL, machine.nowNanos());
        machine.post(this::work);
    }

    @Override
    public NodeSpec spec() {
        return spec;
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public Moods moods() {
        return moods;
    }

    /** The streams of living routers stay open; what counts is what lies on them. */
    @Override
    public int held() {
        return waiting.size() + desks.stream().mapToInt(desk -> desk.leases.size()).sum();
    }
}
