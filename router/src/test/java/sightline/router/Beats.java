package sightline.router;

import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import sightline.stage.v1.StreamBeat;

/** The heartbeats of fake nodes. */
final class Beats {
    private static final ScheduledExecutorService TIMER = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("beats").factory());
    private static final AtomicLong STEPS = new AtomicLong();
    private static final long INTERVAL_MILLIS = 100;

    private Beats() {}

    static StreamBeat beat() {
        return StreamBeat.newBuilder().setSteps(STEPS.incrementAndGet()).build();
    }

    /** Until {@code isOver}, or until a beat fails because its call is. */
    static void every(Runnable beat, BooleanSupplier isOver) {
        var future = new AtomicReference<Future<?>>();
        future.set(TIMER.scheduleAtFixedRate(() -> {
            if (!isOver.getAsBoolean())
                beat.run();
            else if (future.get() != null)
                future.get().cancel(false);
        }, INTERVAL_MILLIS, INTERVAL_MILLIS, TimeUnit.MILLISECONDS));
    }
}
