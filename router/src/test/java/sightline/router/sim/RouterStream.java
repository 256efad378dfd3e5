package sightline.router.sim;

import sightline.router.session.SimulatedSession;
import sightline.stage.v1.GenerateCommand;
import sightline.stage.v1.GenerateEvent;

/** A router's end of the stream of one attempt. */
record RouterStream(Call<GenerateCommand, GenerateEvent> call, long openedNanos)
        implements
            SimulatedSession.Stream {
    @Override
    public void send(GenerateCommand command) {
        call.send(command);
    }

    @Override
    public void cancel() {
        call.cancel();
    }
}
