package sightline.vision;

import java.lang.management.ManagementFactory;
import java.time.Duration;

/** Time that the calling thread spent computing: a bound on it holds on a busy machine too. */
public final class CpuTime {
    private final long startNanos = now();

    public static CpuTime start() {
        return new CpuTime();
    }

    public Duration elapsed() {
        return Duration.ofNanos(now() - startNanos);
    }

    private static long now() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
