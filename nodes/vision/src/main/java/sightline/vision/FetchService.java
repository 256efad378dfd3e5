package sightline.vision;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import sightline.stage.v1.FetchRequest;
import sightline.stage.v1.ProjectionGrpc;
import sightline.stage.v1.TensorChunk;
import sightline.vision.store.ProjectedTokens;
import sightline.vision.store.TokenStore;
import sightline.wire.Failure;
import sightline.wire.ImageKey;
import sightline.wire.Sha256;
import sightline.wire.StatusMapping;
import sightline.wire.TensorChunks;

/** Hands out projected tokens as fast as their reader reads; whether they are leased makes no difference. */
final class FetchService extends ProjectionGrpc.ProjectionImplBase {
    private final TokenStore store;
    private final Sha256 model;
    private final VisionMetrics metrics;

    FetchService(TokenStore store, Sha256 model, VisionMetrics metrics) {
        this.store = store;
        this.model = model;
        this.metrics = metrics;
    }

    @Override
    public void fetch(FetchRequest request, StreamObserver<TensorChunk> answer) {
        if (!request.getModelDigest().equals(model.hex())) {
            fail(answer, new Failure.WrongModel(
                    "model_digest: " + request.getModelDigest() + " (expected: " + model.hex() + ")"));
            return;
        }
        if (request.getImageKey().size() != 32 || request.getSha256().size() != 32) {
            fail(answer, new Failure.BadMessage("image_key, sha256: " + request.getImageKey().size() + ", "
                    + request.getSha256().size() + " bytes (expected: 32 each)"));
            return;
        }
        var promised = Sha256.fromBytes(request.getSha256());
        store.find(ImageKey.fromBytes(request.getImageKey()))
                .filter(held -> held.sha256().equals(promised))
                .ifPresentOrElse(held -> send(request, held, (ServerCallStreamObserver<TensorChunk>) answer),
                        () -> fail(answer, new Failure.NotHeld("these projected tokens are no longer held")));
    }

    private void send(FetchRequest request, ProjectedTokens tokens, ServerCallStreamObserver<TensorChunk> call) {
        var path = request.getRelay() ? VisionMetrics.Path.RELAY : VisionMetrics.Path.DIRECT;
        var chunks = tokens.chunks();
        call.setOnReadyThreshold(TensorChunks.CHUNK_BYTES); // so that the next chunk is ready when one has gone
        call.setOnCancelHandler(() -> {
            // nothing to free: the chunks are views of bytes that the store or nobody holds
        });
        call.setOnReadyHandler(() -> {
            while (chunks.hasNext() && call.isReady()) {
                var chunk = chunks.next();
                call.onNext(chunk);
                metrics.projectedBytes(path, chunk.getData().size());
                if (!chunks.hasNext()) {
                    call.onCompleted();
                }
            }
        });
    }

    private static void fail(StreamObserver<TensorChunk> answer, Failure failure) {
        answer.onError(StatusMapping.toStatus(failure));
    }
}
