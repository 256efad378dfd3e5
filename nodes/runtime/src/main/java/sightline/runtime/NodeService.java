package sightline.runtime;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import sightline.model.SmallFiles;
import sightline.stage.v1.DescribeRequest;
import sightline.stage.v1.FileChunk;
import sightline.stage.v1.ModelFilesRequest;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.NodeGrpc;
import sightline.wire.Failure;
import sightline.wire.StatusMapping;

/** Tells who this node is, at any time, and hands out the small files of its model as the reader reads. */
final class NodeService extends NodeGrpc.NodeImplBase {
    private static final int CHUNK_BYTES = 256 << 10;

    private final NodeStatus status;

    NodeService(NodeStatus status) {
        this.status = status;
    }

    @Override
    public void describe(DescribeRequest request, StreamObserver<NodeDescription> answer) {
        answer.onNext(status.describe());
        answer.onCompleted();
    }

    @Override
    public void modelFiles(ModelFilesRequest request, StreamObserver<FileChunk> answer) {
        var files = status.files();
        var served = status.describe().getModel().getDigest();
        if (files.isEmpty() || !served.equals(request.getModelDigest())) {
            answer.onError(StatusMapping.toStatus(new Failure.WrongModel("model_digest: " + request.getModelDigest()
                    + " (expected: " + (served.isEmpty() ? "none yet" : served) + ")")));
            return;
        }
        var chunks = chunks(files.get());
        var call = (ServerCallStreamObserver<FileChunk>) answer;
        call.setOnCancelHandler(chunks::clear);
        call.setOnReadyHandler(() -> send(call, chunks));
    }

    /** Runs whenever the reader has room; gRPC never calls it twice at a time. */
    private static void send(ServerCallStreamObserver<FileChunk> call, Queue<FileChunk> chunks) {
        while (call.isReady() && !chunks.isEmpty()) {
            call.onNext(chunks.remove());
            if (chunks.isEmpty())
                call.onCompleted();
        }
    }

    /** Views of the files, not copies. */
    private static Queue<FileChunk> chunks(SmallFiles files) {
        var chunks = new ArrayDeque<FileChunk>();
        for (String name : files.names()) {
            ByteBuffer content = files.content(name);
            do {
                int size = Math.min(CHUNK_BYTES, content.remaining());
                var data = UnsafeByteOperations.unsafeWrap(content.slice(content.position(), size));
                content.position(content.position() + size);
                chunks.add(FileChunk.newBuilder().setName(name).setData(data).setLast(!content.hasRemaining()).build());
            } while (content.hasRemaining());
        }
        return chunks;
    }
}
