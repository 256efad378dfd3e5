package sightline.router;

import com.google.protobuf.Descriptors.Descriptor;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.KnownLength;
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
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.router.session.RouterMetrics;
import sightline.wire.Failure;
import sightline.wire.StatusMapping;

/**
 * Makes a service answer BAD_MESSAGE to bytes that are none of its messages, and to more fields than any
 * message needs, OVERLOADED where there is no memory for a message, and BUG where the service throws.
 *
 * <p>By itself gRPC parses before any interceptor sees the call, and turns what the parser throws into UNKNOWN. So the
 * service is given its messages as streams of bytes and parses them inside this interceptor.
 */
final class CheckedMessages implements ServerInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(CheckedMessages.class);

    private static final int UNPACKING_AT_A_TIME = 2;

    private final RouterMetrics metrics;
    private final Semaphore unpacking = new Semaphore(UNPACKING_AT_A_TIME);

    private CheckedMessages(RouterMetrics metrics) {
        this.metrics = metrics;
    }

    /** To be served where {@link ArrivingMessages} counts. */
    static ServerServiceDefinition of(ServerServiceDefinition service, RouterMetrics metrics) {
        return ServerInterceptors.intercept(ServerInterceptors.useInputStreamMessages(service),
                new CheckedMessages(metrics));
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
            ServerCallHandler<Q, R> next) {
        return new Checking<>(call, next.startCall(call, headers), inputType(call.getMethodDescriptor()),
                ArrivingMessages.share());
    }

    private static Descriptor inputType(MethodDescriptor<?, ?> method) {
        if (method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema)
            return schema.getMethodDescriptor().getInputType();
        throw new IllegalArgumentException("method: " + method.getFullMethodName() + " (expected: a protobuf one)");
    }

    private final class Checking<Q> extends SimpleForwardingServerCallListener<Q> {
        private final ServerCall<Q, ?> call;
        private final Descriptor type;
        private final RequestMemory.Share share;
        private boolean closed;

        private Checking(ServerCall<Q, ?> call, ServerCall.Listener<Q> service, Descriptor type,
                RequestMemory.Share share) {
            super(service);
            this.call = call;
            this.type = type;
            this.share = share;
        }

        @Override
        public void onMessage(Q message) {
            try {
                read(message, (InputStream) message);
            } catch (IOException _) {
                refuse(badMessage());
            } catch (RuntimeException e) {
                if (e.getCause() instanceof IOException) {
                    refuse(badMessage());
                } else {
                    closed = true;
                    StatusMapping.closeAsThrown(call, e); // such as a message that is too large once it is unpacked
                }
            }
        }

        private Failure badMessage() {
            return new Failure.BadMessage("bytes that are no such message (expected: "
                    + call.getMethodDescriptor().getFullMethodName() + "'s request)");
        }

        private void read(Q message, InputStream bytes) throws IOException {
            if (message instanceof KnownLength) {
                int size = bytes.available();
                if (hasRoomFor(size)) {
                    countFields(bytes);
                    parse(message, size);
                }
            } else {
                unpack(message, bytes);
            }
        }

        /** A compressed message tells its size only when it is unpacked, into memory that is not counted yet. */
        private void unpack(Q message, InputStream bytes) throws IOException {
            unpacking.acquireUninterruptibly();
            try {
                int size = countFields(bytes);
                if (hasRoomFor(size))
                    parse(message, size);
            } finally {
                unpacking.release();
            }
        }

        private void parse(Q message, int size) {
            super.onMessage(message);
            share.parsed(size);
        }

        /** @return the size of the whole message. The service parses the same bytes once more */
        private int countFields(InputStream bytes) throws IOException {
            bytes.mark(Integer.MAX_VALUE);
            int size = FieldCount.check(bytes, type);
            bytes.reset();
            return size;
        }

        private boolean hasRoomFor(long bytes) {
            var noRoom = share.holdAtLeast(bytes, System.nanoTime());
            noRoom.ifPresent(this::refuse);
            return noRoom.isEmpty();
        }

        private void refuse(Failure failure) {
            closed = true;
            metrics.refused(failure);
            StatusMapping.close(call, failure);
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
                refuse(new Failure.Bug(requestId));
            }
        }
    }
}
