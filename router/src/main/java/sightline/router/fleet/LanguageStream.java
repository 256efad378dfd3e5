package sightline.router.fleet;

import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import sightline.stage.v1.Begin;
import sightline.stage.v1.Credit;
import sightline.stage.v1.GenerateCommand;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.LanguageGrpc;
import sightline.stage.v1.LateTicket;
import sightline.stage.v1.StreamBeat;
import sightline.stage.v1.TakeTurn;
import sightline.stage.v1.Ticket;

/**
 * One sequence on a language replica. Its methods are called from one thread at a time; what the replica says comes from
 * gRPC's threads, in order, with one {@link Said.Closed} at the end.
 */
public final class LanguageStream {

    /** What comes back. */
    public sealed interface Said {
        record Event(GenerateEvent event) implements Said {}

        record Closed(String why) implements Said {}
    }

    /** A heartbeat, and when it came. */
    public record Beat(GenerateEvent event, long heardNanos) {}

    private final ClientCallStreamObserver<GenerateCommand> commands;
    private final Receiver receiver;

    private LanguageStream(ClientCallStreamObserver<GenerateCommand> commands, Receiver receiver) {
        this.commands = commands;
        this.receiver = receiver;
    }

    /** Begins; {@code sink} takes everything but heartbeats, which are asked for. */
    public static LanguageStream open(Channel channel, Begin begin, Consumer<Said> sink, LongSupplier nanoClock) {
        var receiver = new Receiver(sink, nanoClock);
        var commands = LanguageGrpc.newStub(channel).generate(receiver);
        var stream = new LanguageStream((ClientCallStreamObserver<GenerateCommand>) commands, receiver);
        stream.send(GenerateCommand.newBuilder().setBegin(begin));
        return stream;
    }

    public void grant(int tokens) {
        send(GenerateCommand.newBuilder().setCredit(Credit.newBuilder().setTokens(tokens)));
    }

    public void beat() {
        send(GenerateCommand.newBuilder().setBeat(StreamBeat.getDefaultInstance()));
    }

    /** The ticket of a picture, counted from 0, that Begin came without. */
    public void ticket(int picture, Ticket ticket) {
        send(GenerateCommand.newBuilder().setLateTicket(LateTicket.newBuilder().setImage(picture).setTicket(ticket)));
    }

    /** The suspect may be computed now. */
    public void takeTurn() {
        send(GenerateCommand.newBuilder().setTakeTurn(TakeTurn.getDefaultInstance()));
    }

    /** The newest heartbeat, if one has come since this was asked last: thousands of streams wake nobody with theirs. */
    public Optional<Beat> latestBeat() {
        return Optional.ofNullable(receiver.beat.getAndSet(null));
    }

    /** Frees all that the sequence holds; without effect once the stream is over. */
    public void cancel(String why) {
        commands.cancel(why, null);
    }

    private void send(GenerateCommand.Builder command) {
        commands.onNext(command.build());
    }

    private static final class Receiver implements StreamObserver<GenerateEvent> {
        private final Consumer<Said> sink;
        private final LongSupplier nanoClock;
        private final AtomicReference<@Nullable Beat> beat = new AtomicReference<>();

        private Receiver(Consumer<Said> sink, LongSupplier nanoClock) {
            this.sink = sink;
            this.nanoClock = nanoClock;
        }

        @Override
        public void onNext(GenerateEvent event) {
            if (event.hasBeat())
                beat.set(new Beat(event, nanoClock.getAsLong()));
            else
                sink.accept(new Said.Event(event));
        }

        @Override
        public void onError(Throwable error) {
            sink.accept(new Said.Closed(reason(error.getMessage())));
        }

        @Override
        public void onCompleted() {
            sink.accept(new Said.Closed("ended by the node"));
        }

        private static String reason(@Nullable String message) {
            return message == null ? "broken" : message;
        }
    }
}
