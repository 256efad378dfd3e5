package sightline.router;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.wire.Failure;
import sightline.wire.StatusMapping;

/**
 * Makes a service answer BAD_MESSAGE to bytes that are none of its messages, and to more fields than any
 * message needs, and BUG where the service throws.
 *
 * <p>By itself gRPC parses before any interceptor sees the call, and turns what the parser throws into UNKNOWN. So the
 * service is given its messages as streams of bytes and parses them inside this interceptor.
 */
final class CheckedMessages implements ServerInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(CheckedMessages.class);

    private CheckedMessages() {}

    static ServerServiceDefinition of(ServerServiceDefinition service) {
        return ServerInterceptors.intercept(ServerInterceptors.useInputStreamMessages(service), new CheckedMessages());
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
            ServerCallHandler<Q, R> next) {
        return new Checking<>(call, next.startCall(call, headers), inputType(call.getMethodDescriptor()));
    }

    private static Descriptor inputType(MethodDescriptor<?, ?> method) {
        if (method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema)
            return schema.getMethodDescriptor().getInputType();
        throw new IllegalArgumentException("method: " + method.getFullMethodName() + " (expected: a protobuf one)");
    }

    private static final class Checking<Q> extends SimpleForwardingServerCallListener<Q> {
        private final ServerCall<Q, ?> call;
        private final Descriptor type;
        private boolean closed;

        private Checking(ServerCall<Q, ?> call, ServerCall.Listener<Q> service, Descriptor type) {
            super(service);
            this.call = call;
            this.type = type;
        }

        @Override
        public void onMessage(Q message) {
            try {
                expectFewFields(message);
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

        /** The service parses the same bytes once more: the stream is one that can go back. */
        private void expectFewFields(Q message) {
            if (!(message instanceof InputStream bytes))
                return;
            try {
                bytes.mark(Integer.MAX_VALUE);
                FieldCount.check(bytes, type);
                bytes.reset();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void onHalfClose() {
            if (closed)
                return;
            try {
                super.onHalfClose();
            } catch (RuntimeException e) {
                var requestId = UUID.randomUUID().toString(); // the client's own may be what cannot be read
                LOG.error("event=call-failed request={} method={}", requestId,
                        call.getMethodDescriptor().getFullMethodName(), e);
                StatusMapping.close(call, new Failure.Bug(requestId));
            }
        }
    }
}
