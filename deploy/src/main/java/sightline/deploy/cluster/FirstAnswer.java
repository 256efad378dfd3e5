package sightline.deploy.cluster;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import sightline.stage.v1.Begin;
import sightline.stage.v1.GenerateCommand;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.LanguageGrpc;
import sightline.stage.v1.SamplingRule;
import sightline.stage.v1.StoppingRule;
import sightline.wire.Endpoint;
import sightline.wire.Sha256;

/** One short answer of a language node, asked for without a router: from then on all that it takes is loaded there. */
final class FirstAnswer implements StreamObserver<GenerateEvent> {
    private static final int TOKENS = 4;

    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private FirstAnswer() {}

    /** Returns when it is whole. */
    static void ask(Endpoint node, Sha256 modelDigest, Duration limit) throws IOException, InterruptedException {
        var channel = Grpc.newChannelBuilderForAddress(node.host(), node.port(), InsecureChannelCredentials.create())
                .build();
        try {
            var answer = new FirstAnswer();
            LanguageGrpc.newStub(channel)
                    .generate(answer)
                    .onNext(GenerateCommand.newBuilder().setBegin(begin(modelDigest, limit)).build());
            answer.ended.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the node that was to be learned from gave no answer", e);
        } finally {
            channel.shutdownNow();
        }
    }

    private static Begin begin(Sha256 modelDigest, Duration limit) {
        return Begin.newBuilder()
                .setRequestId("first")
                .setModelDigest(modelDigest.hex())
                .addPromptIds(1)
                .setSampling(SamplingRule.newBuilder().setTemperature(1).setTopP(1))
                .setStopping(StoppingRule.newBuilder().setMaxNewTokens(TOKENS))
                .setRemainingMillis(limit.toMillis())
                .setCredit(TOKENS)
                .build();
    }

    @Override
    public void onNext(GenerateEvent event) {
        if (event.hasEnded()) {
            ended.complete(null);
        }
    }

    @Override
    public void onError(Throwable error) {
        ended.completeExceptionally(error);
    }

    /** Without an answer, unless its end was told before. */
    @Override
    public void onCompleted() {
        ended.completeExceptionally(new IOException("refused"));
    }
}
