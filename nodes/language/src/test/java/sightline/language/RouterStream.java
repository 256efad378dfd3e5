package sightline.language;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import sightline.stage.v1.Begin;
import sightline.stage.v1.Credit;
import sightline.stage.v1.Ended;
import sightline.stage.v1.GenerateCommand;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.LanguageGrpc;
import sightline.stage.v1.Refused;
import sightline.stage.v1.StreamBeat;
import sightline.stage.v1.TakeTurn;
import sightline.stage.v1.TokenScores;

/** The router's end of one stream. */
final class RouterStream implements ClientResponseObserver<GenerateCommand, GenerateEvent> {
    private static final long PATIENCE_SECONDS = 30;

    final List<Integer> ids = new ArrayList<>();
    final List<TokenScores> scores = new ArrayList<>();
    final List<GenerateEvent.EventCase> kinds = new ArrayList<>();
    final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final LinkedBlockingQueue<GenerateEvent> events = new LinkedBlockingQueue<>();
    private final CompletableFuture<ClientCallStreamObserver<GenerateCommand>> call = new CompletableFuture<>();

    static RouterStream open(LanguageGrpc.LanguageStub stub) {
        var stream = new RouterStream();
        stub.generate(stream);
        return stream;
    }

    RouterStream begin(Begin begin) {
        send(GenerateCommand.newBuilder().setBegin(begin).build());
        return this;
    }

    void credit(int tokens) {
        send(GenerateCommand.newBuilder().setCredit(Credit.newBuilder().setTokens(tokens)).build());
    }

    void beat() {
        send(GenerateCommand.newBuilder().setBeat(StreamBeat.getDefaultInstance()).build());
    }

    void takeTurn() {
        send(GenerateCommand.newBuilder().setTakeTurn(TakeTurn.getDefaultInstance()).build());
    }

    void send(GenerateCommand command) {
        call.join().onNext(command);
    }

    void cancel() {
        call.join().cancel("the client has gone", null);
    }

    /** Tokens and log probabilities of an answer that has come to its end. */
    record Answer(List<Integer> ids, List<TokenScores> scores) {}

    Answer answer() {
        ended();
        return new Answer(List.copyOf(ids), List.copyOf(scores));
    }

    Ended ended() {
        return next(GenerateEvent.EventCase.ENDED).getEnded();
    }

    Refused refused() {
        return next(GenerateEvent.EventCase.REFUSED).getRefused();
    }

    StreamBeat nextBeat() {
        return next(GenerateEvent.EventCase.BEAT).getBeat();
    }

    /** Waits until that many tokens have come in all. */
    void awaitTokens(int count) {
        while (ids.size() < count) {
            next(GenerateEvent.EventCase.TOKENS);
        }
    }

    /** Waits until the stream breaks. */
    Throwable error() throws InterruptedException, ExecutionException, TimeoutException {
        return closed.handle((_, error) -> Optional.ofNullable(error))
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .orElseThrow(() -> new AssertionError("closed without an error"));
    }

    /** The next event of a kind; tokens on the way are gathered, any other end fails. */
    GenerateEvent next(GenerateEvent.EventCase wanted) {
        while (true) {
            var event = poll();
            kinds.add(event.getEventCase());
            if (event.hasTokens()) {
                ids.addAll(event.getTokens().getIdsList());
                scores.addAll(event.getTokens().getScoresList());
            }
            if (event.getEventCase() == wanted) {
                return event;
            }
            if (event.hasRefused() || event.hasEnded()) {
                throw new AssertionError("expected " + wanted + ", got " + event);
            }
        }
    }

    private GenerateEvent poll() {
        try {
            var event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (event == null) {
                throw new AssertionError("no event within " + PATIENCE_SECONDS + " s; closed: " + closed);
            }
            return event;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GenerateCommand> requests) {
        call.complete(requests);
    }

    @Override
    public void onNext(GenerateEvent event) {
        events.add(event);
    }

    @Override
    public void onError(Throwable error) {
        closed.completeExceptionally(error);
    }

    @Override
    public void onCompleted() {
        closed.complete(null);
    }
}
