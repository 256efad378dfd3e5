package sightline.router.fleet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import sightline.stage.v1.Prefilled;

/**
 * Language devices of different speeds on virtual time, and clients enough to keep all of them busy: each asks again as
 * soon as it has its answer.
 *
 * <p>A device does one thing at a time: it reads the next prompt, or makes a step that takes the longer the more sequences
 * are in it.
 */
final class SimulatedPool {
    private static final double READ_SECONDS = 0.001;
    private static final double STEP_SECONDS = 0.01;
    private static final int CLIENTS = 60;
    private static final int POSITIONS = 320;

    private record Timed(long atNanos, Runnable what) {}

    /** An answer on its way. */
    private static final class Sequence {
        private final RunId id;
        private final int length;
        private int tokens;
        private long readNanos;

        private Sequence(RunId id, int length) {
            this.id = id;
            this.length = length;
        }
    }

    private final class Device {
        private final double speed;
        private final List<Sequence> waiting = new ArrayList<>();
        private final List<Sequence> decoding = new ArrayList<>();
        private long tokens;
        private boolean busy;

        private Device(double speed) {
            this.speed = speed;
        }

        private void work() {
            if (busy || (waiting.isEmpty() && decoding.isEmpty()))
                return;
            busy = true;
            if (waiting.isEmpty())
                after(decoding.size() * STEP_SECONDS / speed, this::step);
            else
                after(POSITIONS * READ_SECONDS / speed, this::read);
        }

        private void read() {
            var sequence = waiting.removeFirst();
            long micros = (long) (POSITIONS * READ_SECONDS / speed * 1e6);
            ledger.read(sequence.id, Prefilled.newBuilder().setPrefillUs(micros).build(), nowNanos);
            sequence.readNanos = nowNanos;
            decoding.add(sequence);
            done();
        }

        private void step() {
            for (var sequence : List.copyOf(decoding)) {
                tokens++;
                if (++sequence.tokens == sequence.length)
                    end(sequence);
            }
            done();
        }

        private void end(Sequence sequence) {
            decoding.remove(sequence);
            long micros = TimeUnit.NANOSECONDS.toMicros(nowNanos - sequence.readNanos);
            ledger.decoded(sequence.id, sequence.length, micros, nowNanos);
            ledger.end(sequence.id);
            after(0, SimulatedPool.this::ask);
        }

        private void done() {
            busy = false;
            work();
        }
    }

    private final ReplicaLedger ledger;
    private final List<Worker> replicas;
    private final List<Device> devices;
    private final Random random;
    private final Queue<Timed> schedule = new PriorityQueue<>((a, b) -> Long.compare(a.atNanos, b.atNanos));
    private long nowNanos;
    private long asked;

    SimulatedPool(ReplicaLedger ledger, List<Worker> replicas, List<Double> speeds, long seed) {
        this.ledger = ledger;
        this.replicas = replicas;
        this.devices = speeds.stream().map(Device::new).toList();
        this.random = new Random(seed);
    }

    void run(Duration length) {
        for (int client = 0; client < CLIENTS; client++)
            after(random.nextDouble(), this::ask);
        while (nowNanos < length.toNanos()) {
            var next = schedule.remove();
            nowNanos = next.atNanos;
            next.what.run();
        }
    }

    private void ask() {
        var id = new RunId(new JobId(++asked), 0);
        var need = new ReplicaNeed("digest", Optional.empty(), POSITIONS, Optional.empty(), Set.of());
        var replica = ledger.place(id, need, ReplicaLedgerTest.prompt((int) asked, POSITIONS), replicas, nowNanos);
        var device = devices.get(replicas.indexOf(replica.orElseThrow()));
        device.waiting.add(new Sequence(id, 16 + random.nextInt(96)));
        device.work();
    }

    private void after(double seconds, Runnable what) {
        schedule.add(new Timed(nowNanos + (long) (seconds * 1e9), what));
    }

    double tokens(int device) {
        return devices.get(device).tokens;
    }

    double tokens() {
        return devices.stream().mapToDouble(device -> device.tokens).sum();
    }

    /** That all devices together can make in the time, if none ever waits: of an average answer with its prompt. */
    double mostTokens() {
        double averageLength = 16 + 95 / 2.0;
        double secondsEach = POSITIONS * READ_SECONDS + averageLength * STEP_SECONDS;
        double speeds = devices.stream().mapToDouble(device -> device.speed).sum();
        return speeds * nowNanos / 1e9 / secondsEach * averageLength;
    }

    @Override
    public String toString() {
        return devices.stream().map(device -> device.tokens).toList().toString();
    }
}
