package sightline.vision;

import java.util.concurrent.atomic.AtomicLong;
import sightline.runtime.Places;
import sightline.stage.v1.Load;
import sightline.stage.v1.StreamBeat;
import sightline.vision.store.TokenStore;

/** How busy the node is, told in heartbeats and reports; read by any thread without waiting for the encoder. */
final class VisionLoad {
    private final Places waiting;
    private final TokenStore store;
    private final AtomicLong steps = new AtomicLong();

    VisionLoad(Places waiting, TokenStore store) {
        this.waiting = waiting;
        this.store = store;
    }

    void stepDone() {
        steps.incrementAndGet();
    }

    Load load() {
        int pictures = waiting.taken();
        return Load.newBuilder()
                .setRunning(Math.min(1, pictures))
                .setWaiting(Math.max(0, pictures - 1))
                .setStoreBytesUsed(store.bytes())
                .setStoreBytesTotal(store.budgetBytes())
                .build();
    }

    StreamBeat beat() {
        return StreamBeat.newBuilder().setSteps(steps.get()).setLoad(load()).build();
    }
}
