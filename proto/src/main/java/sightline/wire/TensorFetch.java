package sightline.wire;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.InputStream;
import sightline.stage.v1.FetchRequest;
import sightline.stage.v1.ProjectionGrpc;

/** {@code Projection.Fetch} with its chunks as they came, for a {@link TensorAssembler} to read. */
public final class TensorFetch {
    private static final MethodDescriptor<FetchRequest, InputStream> METHOD = ProjectionGrpc.getFetchMethod()
            .toBuilder(ProjectionGrpc.getFetchMethod().getRequestMarshaller(), new AsTheyCome())
            .build();

    private TensorFetch() {}

    /** Begins the call; a chunk can be read until {@code onNext} returns. */
    public static void start(Channel channel, FetchRequest request, StreamObserver<InputStream> chunks) {
        ClientCalls.asyncServerStreamingCall(channel.newCall(METHOD, CallOptions.DEFAULT), request, chunks);
    }

    private record AsTheyCome() implements MethodDescriptor.Marshaller<InputStream> {
        @Override
        public InputStream stream(InputStream message) {
            return message;
        }

        @Override
        public InputStream parse(InputStream message) {
            return message;
        }
    }
}
