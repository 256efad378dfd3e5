package sightline.router;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import sightline.wire.Failure;
import sightline.wire.StatusMapping;

/**
 * Makes a service answer BAD_MESSAGE to bytes that are none of its messages.
 *
 * <p>By itself gRPC parses before any interceptor sees the call, and turns what the parser throws into UNKNOWN. So the
 * service is given its messages as streams of bytes and parses them inside this interceptor.
 */
final class CheckedMessages implements ServerInterceptor {

    private CheckedMessages() {}

    static ServerServiceDefinition of(ServerServiceDefinition service) {
        return ServerInterceptors.intercept(ServerInterceptors.useInputStreamMessages(service), new CheckedMessages());
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
            ServerCallHandler<Q, R> next) {
        return new Checking<>(call, next.startCall(call, headers));
    }

    private static final class Checking<Q> extends SimpleForwardingServerCallListener<Q> {
        private final ServerCall<Q, ?> call;
        private boolean closed;

        private Checking(ServerCall<Q, ?> call, ServerCall.Listener<Q> service) {
            super(service);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            try {
                super.onMessage(message);
            } catch (RuntimeException e) {
                closed = true;
                if (e.getCause() instanceof InvalidProtocolBufferException)
                    StatusMapping.close(call, new Failure.BadMessage("bytes that are no such message (expected: "
                            + call.getMethodDescriptor().getFullMethodName() + "'s request)"));
                else
                    StatusMapping.closeAsThrown(call, e); // such as a message that is too large once it is unpacked
            }
        }

        @Override
        public void onHalfClose() {
            if (!closed)
                super.onHalfClose();
        }
    }
}
