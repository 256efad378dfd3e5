package sightline.language.stage;

import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;
import sightline.language.kv.KvChange;
import sightline.language.model.RowLayout;
import sightline.runtime.Outbox;
import sightline.stage.v1.Hello;
import sightline.stage.v1.LinkBeat;
import sightline.stage.v1.RowBytes;
import sightline.stage.v1.StageBatch;
import sightline.stage.v1.StageCommand;
import sightline.stage.v1.StageEvent;
import sightline.stage.v1.StageLeaving;
import sightline.wire.Failure;
import sightline.wire.StatusMapping;

/**
 * A further stage's end of the stream from its head: hands changes and batches on in the order in which they were sent, a
 * batch once its rows are whole.
 *
 * <p>gRPC calls it from one thread at a time, the timer and the model from theirs.
 */
final class StageCall implements StreamObserver<StageCommand> {
    private final StageService service;
    private final ActorRef<StageModel.Command> model;
    private final Outbox<StageEvent> outbox;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private final AtomicLong computed = new AtomicLong();
    private volatile long heardNanos = System.nanoTime();
    private volatile Optional<Hello> hello = Optional.empty();
    private long begun;

    /** What is not handed on yet, as the rows of a batch before are still missing. */
    private sealed interface Waiting {
        record ForRows(long number, RowLayout layout, boolean joined, RowAssembler rows) implements Waiting {}

        record Behind(KvChange change) implements Waiting {}
    }

    StageCall(StageService service, ActorRef<StageModel.Command> model, Outbox<StageEvent> outbox) {
        this.service = service;
        this.model = model;
        this.outbox = outbox;
    }

    @Override
    public void onNext(StageCommand command) {
        if (outbox.isClosed()) {
            return; // given up, and the head does not know yet
        }
        heardNanos = System.nanoTime();
        try {
            switch (command.getCommandCase()) {
                case HELLO -> onHello(command.getHello());
                case CHANGE -> onChange(PipelineMessages.parse(command.getChange(), service.sizes()));
                case BATCH -> onBatch(command.getBatch());
                case ROWS -> onRows(command.getRows());
                case BEAT -> {
                }
                case COMMAND_NOT_SET -> throw new BrokenLink("command: none (expected: one)");
            }
        } catch (BrokenLink e) {
            refuse(new Failure.BadMessage(String.valueOf(e.getMessage())));
        }
    }

    @Override
    public void onError(Throwable error) {
        onGone();
    }

    @Override
    public void onCompleted() {
        outbox.complete();
        onGone();
    }

    /** The call is over, however it ended. */
    void onGone() {
        outbox.abandon();
        service.unlink(this);
    }

    /** Ends the call; what it holds is freed. */
    void refuse(Failure failure) {
        outbox.fail(StatusMapping.toStatus(failure));
        service.unlink(this);
    }

    /** Sends what the layers made of a batch; on the model's thread. */
    void answer(long batch, byte[] rows) {
        computed.incrementAndGet();
        RowChunks.split(batch, rows).forEach(chunk -> outbox.send(StageEvent.newBuilder().setRows(chunk).build()));
    }

    void beat() {
        outbox.beat(StageEvent.newBuilder().setBeat(LinkBeat.getDefaultInstance()).build());
    }

    void leave() {
        outbox.send(StageEvent.newBuilder().setLeaving(StageLeaving.getDefaultInstance()).build());
    }

    /** When the head said something last, by {@link System#nanoTime}. */
    long heardNanos() {
        return heardNanos;
    }

    boolean isOver() {
        return outbox.isClosed();
    }

    /** The head's name; empty before it has said it. */
    String head() {
        return hello.map(Hello::getHead).orElse("");
    }

    private void onHello(Hello said) throws BrokenLink {
        if (hello.isPresent()) {
            throw new BrokenLink("hello: a second one (expected: one)");
        }
        hello = Optional.of(said);
        var refusal = service.link(this, said);
        if (refusal.isPresent()) {
            refuse(refusal.get());
        } else {
            outbox.send(StageEvent.newBuilder().setWelcome(PipelineMessages.welcome(service.proof())).build());
        }
    }

    private void onChange(KvChange change) throws BrokenLink {
        requireHello();
        if (waiting.isEmpty()) {
            model.tell(new StageModel.Change(this, change));
        } else {
            waiting.add(new Waiting.Behind(change));
        }
    }

    private void onBatch(StageBatch batch) throws BrokenLink {
        int most = requireHello().getStages();
        if (batch.getNumber() != begun) {
            throw new BrokenLink("batch: " + batch.getNumber() + " (expected: " + begun + ")");
        }
        begun++;
        if (begun - computed.get() > most) {
            throw new BrokenLink("batches under way: " + (begun - computed.get()) + " (expected: <= " + most + ")");
        }
        var layout = PipelineMessages.layout(batch, service.sizes());
        waiting.add(new Waiting.ForRows(batch.getNumber(), layout, batch.getJoined(),
                new RowAssembler(batch.getNumber(), layout.rows() * service.sizes().rowBytes())));
    }

    private void onRows(RowBytes chunk) throws BrokenLink {
        if (!(waiting.peek() instanceof Waiting.ForRows(var number, var layout, var joined, var rows))) {
            throw new BrokenLink("rows of no batch");
        }
        rows.accept(chunk);
        if (rows.isWhole()) {
            waiting.remove();
            model.tell(new StageModel.Compute(this, number, layout, joined, rows));
            while (waiting.peek() instanceof Waiting.Behind(var change)) {
                waiting.remove();
                model.tell(new StageModel.Change(this, change));
            }
        }
    }

    private Hello requireHello() throws BrokenLink {
        return hello.orElseThrow(() -> new BrokenLink("hello: none (expected: before all else)"));
    }
}
