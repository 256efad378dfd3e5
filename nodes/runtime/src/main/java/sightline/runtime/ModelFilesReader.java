package sightline.runtime;

import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import sightline.model.SmallFiles;
import sightline.stage.v1.FileChunk;
import sightline.stage.v1.ModelFilesRequest;
import sightline.stage.v1.NodeGrpc;

/** Puts together the small model files that a node sends. */
public final class ModelFilesReader implements StreamObserver<FileChunk> {
    private static final long DEADLINE_SECONDS = 30;

    private final CompletableFuture<SmallFiles> result = new CompletableFuture<>();
    private final Map<String, ByteArrayOutputStream> open = new HashMap<>();
    private final Map<String, byte[]> whole = new HashMap<>();
    private long bytes;

    private ModelFilesReader() {}

    /** Asks the node behind {@code channel} for the files of the model that it serves under {@code modelDigest}. */
    public static CompletionStage<SmallFiles> fetch(Channel channel, String modelDigest) {
        var reader = new ModelFilesReader();
        NodeGrpc.newStub(channel)
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .modelFiles(ModelFilesRequest.newBuilder().setModelDigest(modelDigest).build(), reader);
        return reader.result;
    }

    @Override
    public void onNext(FileChunk chunk) {
        bytes += chunk.getData().size();
        if (bytes > SmallFiles.MAX_TOTAL_BYTES)
            throw new IllegalStateException("model files: over " + SmallFiles.MAX_TOTAL_BYTES + " bytes");
        var file = open.computeIfAbsent(chunk.getName(), _ -> new ByteArrayOutputStream());
        file.writeBytes(chunk.getData().toByteArray());
        if (chunk.getLast())
            whole.put(chunk.getName(), file.toByteArray());
    }

    @Override
    public void onError(Throwable error) {
        result.completeExceptionally(error);
    }

    @Override
    public void onCompleted() {
        if (whole.size() == open.size())
            result.complete(SmallFiles.of(whole));
        else
            result.completeExceptionally(new IllegalStateException("model files: the last one is not whole"));
    }
}
