package sightline.deploy.client;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sightline.client.Answer;
import sightline.client.RequestFailed;
import sightline.v1.Delta;
import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.v1.InferenceGrpc;
import sightline.wire.Received;
import sightline.wire.StatusMapping;

/** A request that a test has sent and may watch, wait for or cancel. */
public final class RunningRequest implements ClientResponseObserver<GenerateRequest, GenerateResponse> {

    /** How a request ended. */
    public sealed interface Outcome {
        /** By {@link System#nanoTime}. */
        long endNanos();
    }

    public record Answered(Answer answer, long endNanos) implements Outcome {}

    public record Failed(Received received, long endNanos) implements Outcome {}

    private final CompletableFuture<Delta> firstDelta = new CompletableFuture<>();
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private final Answer.Gathering gathering = new Answer.Gathering();
    private final Consumer<Delta> onDelta;
    private @Nullable ClientCallStreamObserver<GenerateRequest> call;

    private final Runnable atEnd;

    private RunningRequest(Consumer<Delta> onDelta, Runnable atEnd) {
        this.onDelta = onDelta.andThen(firstDelta::complete);
        this.atEnd = atEnd;
    }

    public static RunningRequest start(InferenceGrpc.InferenceStub stub, GenerateRequest request) {
        return start(stub, request, () -> {});
    }

    /** Runs {@code atEnd} on one of gRPC's threads when the request has ended, however it ended. */
    public static RunningRequest start(InferenceGrpc.InferenceStub stub, GenerateRequest request, Runnable atEnd) {
        return start(stub, request, _ -> {}, atEnd);
    }

    /** Runs {@code onDelta} on one of gRPC's threads at every delta, too. */
    public static RunningRequest start(InferenceGrpc.InferenceStub stub, GenerateRequest request,
            Consumer<Delta> onDelta, Runnable atEnd) {
        var running = new RunningRequest(onDelta, atEnd);
        stub.generate(request, running);
        return running;
    }

    /** Waits for the first token; fails the test when it does not come, or when the request ends before. */
    public Delta awaitFirstDelta(long limitSeconds) throws InterruptedException, ExecutionException, TimeoutException {
        return firstDelta.get(limitSeconds, TimeUnit.SECONDS);
    }

    public Outcome await(long limitSeconds) throws InterruptedException, ExecutionException, TimeoutException {
        return outcome.get(limitSeconds, TimeUnit.SECONDS);
    }

    /** Waits for the whole answer; a failure fails the test. */
    public Answer awaitAnswer(long limitSeconds) throws InterruptedException, ExecutionException, TimeoutException {
        return switch (await(limitSeconds)) {
            case Answered answered -> answered.answer();
            case Failed failed -> throw new AssertionError("request failed: " + failed.received());
        };
    }

    /** Waits for the failure; an answer fails the test. */
    public Failed awaitFailure(long limitSeconds) throws InterruptedException, ExecutionException, TimeoutException {
        return switch (await(limitSeconds)) {
            case Answered answered -> throw new AssertionError("request was answered: " + answered.answer().text());
            case Failed failed -> failed;
        };
    }

    public void cancel() {
        if (call != null)
            call.cancel("the test has seen enough", null);
    }

    /** Does so as soon as the first token is here, if one comes. */
    public void cancelAtFirstDelta() {
        var _ = firstDelta.thenAccept(_ -> cancel());
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GenerateRequest> observer) {
        call = observer;
    }

    @Override
    public void onNext(GenerateResponse response) {
        gathering.accept(response);
        if (response.hasDelta())
            onDelta.accept(response.getDelta());
    }

    @Override
    public void onError(Throwable error) {
        end(new Failed(StatusMapping.read(error).orElseGet(() -> notAStatus(error)), System.nanoTime()));
    }

    @Override
    public void onCompleted() {
        try {
            end(new Answered(gathering.answer(), System.nanoTime()));
        } catch (RequestFailed e) {
            end(new Failed(e.received(), System.nanoTime()));
        }
    }

    private void end(Outcome result) {
        outcome.complete(result);
        firstDelta.completeExceptionally(new AssertionError("no token before the end: " + result));
        atEnd.run();
    }

    private static Received notAStatus(Throwable error) {
        return new Received("UNKNOWN", Optional.empty(), error.toString(), List.of(), Optional.empty());
    }
}
