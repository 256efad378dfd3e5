package sightline.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Keeps what was told, in order, for a test to wait for. */
public final class RecordedEvents implements ClusterEvents {

    /** What was told of one process. */
    public sealed interface Event {
        String process();
    }

    public record Started(String process, long pid) implements Event {}

    public record Ready(String process) implements Event {}

    public record Restarting(String process, int exitCode) implements Event {}

    public record GaveUp(String process, int exitCode, List<String> lastWords) implements Event {}

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    @Override
    public void started(ProcessSpec process, long pid) {
        events.add(new Started(process.name(), pid));
    }

    @Override
    public void loading(ProcessSpec process, String progress) {}

    @Override
    public void ready(ProcessSpec process, Duration loading) {
        events.add(new Ready(process.name()));
    }

    @Override
    public void restarting(ProcessSpec process, int exitCode, Duration wait) {
        events.add(new Restarting(process.name(), exitCode));
    }

    @Override
    public void gaveUp(ProcessSpec process, int exitCode, List<String> lastWords) {
        events.add(new GaveUp(process.name(), exitCode, lastWords));
    }

    /** The next event of that kind, skipping others; fails the test when it does not come within {@code limit}. */
    public <E extends Event> E await(Class<E> kind, Duration limit) throws InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        var skipped = new ArrayList<Event>();
        while (true) {
            var event = events.poll(endNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
            assertThat(event).as("%s within %s, after %s", kind.getSimpleName(), limit, skipped).isNotNull();
            if (kind.isInstance(event))
                return kind.cast(event);
            skipped.add(event);
        }
    }

    /** What was told and not yet waited for. */
    public List<Event> left() {
        return List.copyOf(events);
    }
}
