package sightline.router;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import sightline.v1.Delta;
import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.v1.InferenceGrpc;
import sightline.wire.Received;
import sightline.wire.StatusMapping;

/** One Generate call as a client makes it: reads all, or one event each time it is told to. */
final class Call implements ClientResponseObserver<GenerateRequest, GenerateResponse> {
    private static final long LIMIT_SECONDS = 20;

    private final boolean readsAll;
    private final List<GenerateResponse> responses = new CopyOnWriteArrayList<>();
    private final BlockingQueue<GenerateResponse> arrivals = new LinkedBlockingQueue<>();
    private final CompletableFuture<List<GenerateResponse>> end = new CompletableFuture<>();
    private final CompletableFuture<ClientCallStreamObserver<GenerateRequest>> call = new CompletableFuture<>();

    private Call(boolean readsAll) {
        this.readsAll = readsAll;
    }

    static Call start(InferenceGrpc.InferenceStub stub, GenerateRequest.Builder request) {
        var call = new Call(true);
        stub.generate(request.build(), call);
        return call;
    }

    /** Reads nothing by itself but the first event. */
    static Call startWithoutReading(InferenceGrpc.InferenceStub stub, GenerateRequest.Builder request) {
        var call = new Call(false);
        stub.generate(request.build(), call);
        return call;
    }

    void read(int events) {
        call.join().request(events);
    }

    void cancel() {
        call.join().cancel("the test has seen enough", null);
    }

    /** The next event that was not asked for before. */
    GenerateResponse next() throws InterruptedException {
        var response = arrivals.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (response == null)
            throw new AssertionError("no event within " + LIMIT_SECONDS + " s; had " + responses);
        return response;
    }

    /** Waits until this many ids have come in all. */
    void awaitIds(int count) throws InterruptedException {
        while (responses.stream().mapToInt(response -> response.getDelta().getTokenIdsCount()).sum() < count)
            next();
    }

    /** All events of a call that must end well. */
    List<GenerateResponse> answer() throws Exception {
        return end.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    String text() throws Exception {
        return answer().stream().map(GenerateResponse::getDelta).map(Delta::getText).collect(Collectors.joining());
    }

    List<Integer> ids() throws Exception {
        return answer().stream().flatMap(response -> response.getDelta().getTokenIdsList().stream()).toList();
    }

    /** The error of a call that must fail. */
    Received failure() throws InterruptedException, TimeoutException {
        try {
            throw new AssertionError("did not fail: " + end.get(LIMIT_SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return StatusMapping.read(e).orElseThrow();
        }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GenerateRequest> started) {
        if (!readsAll)
            started.disableAutoRequestWithInitial(1);
        call.complete(started);
    }

    @Override
    public void onNext(GenerateResponse response) {
        responses.add(response);
        arrivals.add(response);
    }

    @Override
    public void onError(Throwable error) {
        end.completeExceptionally(error);
    }

    @Override
    public void onCompleted() {
        end.complete(List.copyOf(responses));
    }
}
