package sightline.router.fleet;

import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import sightline.stage.v1.DescribeRequest;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.NodeGrpc;

/** One question to a node who it is. */
final class Describing implements StreamObserver<NodeDescription> {
    private final CompletableFuture<NodeDescription> answer = new CompletableFuture<>();

    private Describing() {}

    static CompletionStage<NodeDescription> ask(Channel channel, Duration limit) {
        var asking = new Describing();
        NodeGrpc.newStub(channel)
                .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS)
                .describe(DescribeRequest.getDefaultInstance(), asking);
        return asking.answer;
    }

    @Override
    public void onNext(NodeDescription description) {
        answer.complete(description);
    }

    @Override
    public void onError(Throwable error) {
        answer.completeExceptionally(error);
    }

    @Override
    public void onCompleted() {
        answer.completeExceptionally(new IllegalStateException("describe: no answer (expected: one description)"));
    }
}
