package sightline.router;

import io.grpc.stub.ServerCallStreamObserver;
import sightline.router.session.Client;
import sightline.v1.GenerateResponse;
import sightline.wire.Failure;
import sightline.wire.StatusMapping;

/** The caller of one Generate call. Not for several threads at once. */
final class CallClient implements Client {
    private final ServerCallStreamObserver<GenerateResponse> call;
    private boolean over;

    CallClient(ServerCallStreamObserver<GenerateResponse> call) {
        this.call = call;
    }

    @Override
    public boolean isReady() {
        return call.isReady();
    }

    @Override
    public void write(GenerateResponse response) {
        if (!isOver())
            call.onNext(response);
    }

    @Override
    public void complete() {
        if (!isOver()) {
            over = true;
            call.onCompleted();
        }
    }

    @Override
    public void fail(Failure failure) {
        if (!isOver()) {
            over = true;
            call.onError(StatusMapping.toStatus(failure));
        }
    }

    private boolean isOver() {
        return over || call.isCancelled();
    }
}
