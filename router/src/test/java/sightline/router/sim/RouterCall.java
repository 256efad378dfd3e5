package sightline.router.sim;

import java.util.Optional;
import sightline.router.session.Client;
import sightline.router.session.SimulatedSession;
import sightline.v1.GenerateResponse;
import sightline.wire.Failure;

/** A router's end of a client's call: its window, and the session that answers. */
final class RouterCall implements Call.Listener<Talk.Says>, Client {
    private static final int WINDOW = 4;

    private final Router router;
    private final Call<Talk.Says, Talk.Hears> call;
    private Optional<SimulatedSession> session = Optional.empty();
    private int unread;
    private boolean over;

    RouterCall(Router router, Call<Talk.Says, Talk.Hears> call) {
        this.router = router;
        this.call = call;
    }

    @Override
    public void said(Talk.Says words) {
        switch (words) {
            case Talk.Ask(var request, long deadlineNanos) -> session = router.admit(request, deadlineNanos, this);
            case Talk.Read() -> {
                if (unread-- == WINDOW)
                    session.ifPresent(SimulatedSession::clientReady);
            }
        }
    }

    @Override
    public void closed(String why) {
        over = true;
        session.ifPresent(SimulatedSession::clientGone);
    }

    @Override
    public boolean isReady() {
        return unread < WINDOW;
    }

    @Override
    public void write(GenerateResponse response) {
        if (over)
            return;
        unread++;
        call.answer(new Talk.Response(response));
    }

    @Override
    public void complete() {
        end(new Talk.Done());
    }

    @Override
    public void fail(Failure failure) {
        end(new Talk.Failed(failure));
    }

    private void end(Talk.Hears last) {
        if (over)
            return;
        over = true;
        call.answer(last);
        call.finish("over");
    }
}
