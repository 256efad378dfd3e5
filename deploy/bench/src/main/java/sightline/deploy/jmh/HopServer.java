package sightline.deploy.jmh;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import sightline.stage.v1.FetchRequest;
import sightline.stage.v1.ProjectionGrpc;
import sightline.stage.v1.TensorChunk;
import sightline.vision.store.ProjectedTokens;
import sightline.wire.ElementType;
import sightline.wire.ImageKey;
import sightline.wire.Sha256;
import sightline.wire.TensorChunks;
import sightline.wire.TensorSpec;

/**
 * A process that gives the same projected tokens, 576 by 2,048 bfloat16, to whoever fetches; it hashes them each time, as
 * a vision node does once for each picture. Prints its port and ends with its standard input.
 */
final class HopServer extends ProjectionGrpc.ProjectionImplBase {
    private static final byte[] BYTES = bytes();
    static final Sha256 SHA256 = Sha256.of(BYTES);
    static final TensorSpec SPEC = new TensorSpec(List.of(576L, 2048L), ElementType.BFLOAT16, SHA256);

    private HopServer() {}

    public static void main(String[] args) throws IOException {
        ChildService.serve(new HopServer());
    }

    @Override
    public void fetch(FetchRequest request, StreamObserver<TensorChunk> answer) {
        var tokens = new ProjectedTokens(ImageKey.of(SHA256, SHA256, SHA256), SPEC, BYTES);
        var chunks = tokens.chunks();
        var call = (ServerCallStreamObserver<TensorChunk>) answer;
        call.setOnReadyThreshold(TensorChunks.CHUNK_BYTES);
        call.setOnReadyHandler(() -> {
            while (chunks.hasNext() && call.isReady()) {
                call.onNext(chunks.next());
                if (!chunks.hasNext())
                    call.onCompleted();
            }
        });
    }

    private static byte[] bytes() {
        byte[] bytes = new byte[576 * 2048 * Short.BYTES];
        new SplittableRandom(3).nextBytes(bytes);
        return bytes;
    }
}
