package sightline.router;

import io.grpc.Context;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import sightline.router.RequestMemory.Share;
import sightline.router.session.RouterMetrics;
import sightline.wire.StatusMapping;

/**
 * Counts every byte of every message of a server as it arrives, and ends calls for which there is no memory or whose
 * message takes too long.
 *
 * <p>An interceptor sees a message only when it is whole: a client that sends 42 of 43 MB and stops would hold them
 * unnoticed. So a tracer counts, which gRPC calls for every frame, and an interceptor of the whole server ends the call.
 */
final class ArrivingMessages extends ServerStreamTracer.Factory implements ServerInterceptor {
    private static final Context.Key<Share> SHARE = Context.key("sightline-request-memory");

    private final RequestMemory memory;
    private final RouterMetrics metrics;

    ArrivingMessages(RequestMemory memory, RouterMetrics metrics) {
        this.memory = memory;
        this.metrics = metrics;
    }

    /** What the call of the current context holds. */
    static Share share() {
        return SHARE.get();
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        return new Counting(memory.share());
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
            ServerCallHandler<Q, R> next) {
        var share = share();
        share.begin(System.nanoTime(), failure -> { // while the service waits for a message, and so does not end the call
            metrics.refused(failure);
            StatusMapping.close(call, failure);
        });
        return new Unrefused<>(next.startCall(call, headers), share);
    }

    private static final class Counting extends ServerStreamTracer {
        private final Share share;

        private Counting(Share share) {
            this.share = share;
        }

        @Override
        public Context filterContext(Context context) {
            return context.withValue(SHARE, share);
        }

        @Override
        public void inboundMessage(int number) {
            share.expectMessage(System.nanoTime());
        }

        @Override
        public void inboundWireSize(long bytes) {
            share.arrived(bytes, System.nanoTime());
        }

        @Override
        public void inboundMessageRead(int number, long wireBytes, long bytes) {
            share.whole();
        }
    }

    /** Keeps what a refused call still brings from the service, and frees what a call held when it is over. */
    private static final class Unrefused<Q> extends SimpleForwardingServerCallListener<Q> {
        private final Share share;

        private Unrefused(ServerCall.Listener<Q> service, Share share) {
            super(service);
            this.share = share;
        }

        @Override
        public void onMessage(Q message) {
            if (!share.isOver())
                super.onMessage(message);
        }

        @Override
        public void onHalfClose() {
            if (!share.isOver())
                super.onHalfClose();
        }

        @Override
        public void onComplete() {
            share.close();
            super.onComplete();
        }

        @Override
        public void onCancel() {
            share.close();
            super.onCancel();
        }
    }
}
