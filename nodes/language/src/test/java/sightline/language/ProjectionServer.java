package sightline.language;

import io.grpc.Server;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import sightline.stage.v1.FetchRequest;
import sightline.stage.v1.ProjectionGrpc;
import sightline.stage.v1.TensorChunk;
import sightline.wire.Endpoint;
import sightline.wire.Failure;
import sightline.wire.Sha256;
import sightline.wire.StatusMapping;
import sightline.wire.TensorChunks;
import sightline.wire.TensorSpec;

/** Serves projected tokens as a vision node does, under an in-process name that looks like an endpoint. */
final class ProjectionServer extends ProjectionGrpc.ProjectionImplBase implements AutoCloseable {
    private static final AtomicInteger LAST_PORT = new AtomicInteger(1);

    final Endpoint endpoint = new Endpoint("vision", LAST_PORT.incrementAndGet());
    final AtomicInteger fetches = new AtomicInteger();
    private final Map<Sha256, Held> held = new ConcurrentHashMap<>();
    private volatile boolean silent;
    private final Server server;

    private record Held(TensorSpec spec, ByteBuffer bytes) {}

    ProjectionServer() {
        try {
            server = InProcessServerBuilder.forName(endpoint.toString()).addService(this).build().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Holds bytes under a hash, whether it is theirs or not. */
    ProjectionServer hold(Sha256 sha256, TensorSpec spec, ByteBuffer bytes) {
        held.put(sha256, new Held(spec, bytes));
        return this;
    }

    /** From now on takes calls and answers none. */
    void fallSilent() {
        silent = true;
    }

    @Override
    public void fetch(FetchRequest request, StreamObserver<TensorChunk> chunks) {
        fetches.incrementAndGet();
        if (silent) {
            return;
        }
        var found = held.get(Sha256.fromBytes(request.getSha256()));
        if (found == null) {
            chunks.onError(StatusMapping.toStatus(new Failure.NotHeld("not here")));
            return;
        }
        var bytes = new byte[found.bytes().remaining()];
        found.bytes().duplicate().get(bytes);
        TensorChunks.split(found.spec(), bytes).forEachRemaining(chunks::onNext);
        chunks.onCompleted();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
