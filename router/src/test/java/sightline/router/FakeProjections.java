package sightline.router;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import sightline.stage.v1.FetchRequest;
import sightline.stage.v1.ProjectionGrpc;
import sightline.stage.v1.TensorChunk;

/** Gives so many chunks to whoever fetches, as fast as they are read, then ends, or then gives no more. */
final class FakeProjections extends ProjectionGrpc.ProjectionImplBase {
    final BlockingQueue<FetchRequest> asked = new LinkedBlockingQueue<>();
    final BlockingQueue<FetchRequest> cancelled = new LinkedBlockingQueue<>();
    final AtomicInteger given = new AtomicInteger();
    private final int chunks;
    private final boolean ends;

    FakeProjections(int chunks, boolean ends) {
        this.chunks = chunks;
        this.ends = ends;
    }

    /** The one at that place, from 0. */
    static TensorChunk chunk(int place) {
        return TensorChunk.newBuilder()
                .setOffset(place)
                .setData(ByteString.copyFromUtf8("chunk " + place))
                .setCrc32C(place)
                .build();
    }

    @Override
    public void fetch(FetchRequest request, StreamObserver<TensorChunk> answer) {
        var call = (ServerCallStreamObserver<TensorChunk>) answer;
        var next = new AtomicInteger();
        asked.add(request);
        call.setOnCancelHandler(() -> cancelled.add(request));
        call.setOnReadyHandler(() -> {
            while (call.isReady() && next.get() < chunks) {
                given.incrementAndGet();
                call.onNext(chunk(next.getAndIncrement()));
                if (ends && next.get() == chunks)
                    call.onCompleted();
            }
        });
    }
}
