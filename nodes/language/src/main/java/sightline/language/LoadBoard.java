package sightline.language;

import sightline.language.schedule.SchedulerState;
import sightline.stage.v1.Load;
import sightline.stage.v1.StreamBeat;

/** What the model's thread last said of its load; read by any thread without waiting for a step. */
final class LoadBoard {
    private volatile StreamBeat latest = StreamBeat.getDefaultInstance();

    /** @param steps steps done since the start */
    void post(long steps, SchedulerState state) {
        var load = Load.newBuilder()
                .setRunning(state.sequencesRunning())
                .setWaiting(state.sequencesWaiting())
                .setKvBlocksUsed(state.kv().usedBlocks())
                .setKvBlocksTotal(state.kv().totalBlocks());
        latest = StreamBeat.newBuilder().setSteps(steps).setLoad(load).build();
    }

    /** What every heartbeat carries. */
    StreamBeat beat() {
        return latest;
    }

    Load load() {
        return latest.getLoad();
    }
}
