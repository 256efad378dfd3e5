package sightline.language.stage;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.language.model.StageProof;
import sightline.language.model.StageSizes;
import sightline.runtime.Heartbeat;
import sightline.runtime.LogValue;
import sightline.runtime.Outbox;
import sightline.stage.v1.Hello;
import sightline.stage.v1.PipelineGrpc;
import sightline.stage.v1.StageCommand;
import sightline.stage.v1.StageEvent;
import sightline.wire.Failure;

/**
 * Serves the link of a further stage to its head, one at a time: a new Hello of the same head ends the earlier link, another
 * head is refused as long as the first one lives.
 */
public final class StageService extends PipelineGrpc.PipelineImplBase implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StageService.class);

    private final ActorRef<StageModel.Command> model;
    private final LinkTerms terms;
    private final StageProof proof;
    private final StageSizes sizes;
    private final LinkRules rules;
    private final Set<StageCall> calls = ConcurrentHashMap.newKeySet();
    private final Heartbeat heartbeat;
    private Optional<StageCall> linked = Optional.empty();
    private Optional<CompletableFuture<Done>> leaving = Optional.empty();
    private String toldRefusal = "";

    /**
     * Starts its timer.
     *
     * @param terms what this stage is
     * @param proof what it found out about itself
     * @param sizes what a head may ask it for
     */
    public StageService(ActorRef<StageModel.Command> model, LinkTerms terms, StageProof proof, StageSizes sizes,
            LinkRules rules) {
        this.model = model;
        this.terms = terms;
        this.proof = proof;
        this.sizes = sizes;
        this.rules = rules;
        heartbeat = new Heartbeat("stage-link", rules.beatInterval(), this::beat);
    }

    @Override
    public StreamObserver<StageCommand> link(StreamObserver<StageEvent> events) {
        var stream = (ServerCallStreamObserver<StageEvent>) events;
        var outbox = new Outbox<>(stream);
        var call = new StageCall(this, model, outbox);
        stream.setOnReadyHandler(outbox::drain);
        stream.setOnCancelHandler(call::onGone);
        calls.add(call);
        return call;
    }

    /** Tells the head that this stage has to go, and completes when it is let go. */
    public synchronized CompletableFuture<Done> leave() {
        var gone = new CompletableFuture<Done>();
        leaving = Optional.of(gone);
        linked.ifPresentOrElse(StageCall::leave, () -> gone.complete(Done.getInstance()));
        return gone;
    }

    /** The layers are gone: ends the link as if this process had died, and takes no other one. */
    public synchronized void breakOff() {
        leaving = Optional.of(CompletableFuture.completedFuture(Done.getInstance()));
        linked.ifPresent(call -> call.refuse(new Failure.NoReplica("the stage broke")));
    }

    @Override
    public void close() {
        heartbeat.close();
    }

    /** Makes the call the stage's link; or says why not. */
    synchronized Optional<Failure> link(StageCall call, Hello hello) {
        var differences = terms.differences(hello);
        if (!differences.isEmpty()) {
            return refused(hello, new Failure.WrongModel(String.join("; ", differences)));
        }
        if (leaving.isPresent()) {
            return refused(hello, new Failure.Draining("this stage is going away"));
        }
        var another = linked.filter(before -> !before.isOver() && !before.head().equals(hello.getHead()));
        if (another.isPresent()) {
            return refused(hello,
                    new Failure.WrongModel("head: " + hello.getHead() + " (expected: " + another.get().head() + ")"));
        }
        var before = linked;
        linked = Optional.of(call);
        toldRefusal = "";
        model.tell(new StageModel.Linked(call));
        before.ifPresent(old -> old.refuse(new Failure.Cancelled("the head has linked this stage anew")));
        LOG.info("event=linked head={} stage={}/{} layers={}", LogValue.of(hello.getHead()), terms.stage(),
                terms.stages(), terms.layers());
        return Optional.empty();
    }

    /** The call is over; without effect where it is not the link. */
    synchronized void unlink(StageCall call) {
        calls.remove(call);
        if (linked.filter(call::equals).isPresent()) {
            linked = Optional.empty();
            model.tell(new StageModel.Unlinked(call));
            LOG.info("event=unlinked head={}", LogValue.of(call.head()));
            leaving.ifPresent(gone -> gone.complete(Done.getInstance()));
        }
    }

    StageProof proof() {
        return proof;
    }

    StageSizes sizes() {
        return sizes;
    }

    /** Logged once, as a head tries again and again. */
    private Optional<Failure> refused(Hello hello, Failure failure) {
        if (!failure.message().equals(toldRefusal)) {
            toldRefusal = failure.message();
            LOG.warn("event=link-refused head={} reason={}", LogValue.of(hello.getHead()), LogValue.of(toldRefusal));
        }
        return Optional.of(failure);
    }

    private void beat() {
        long nowNanos = System.nanoTime();
        for (var call : calls) {
            if (nowNanos - call.heardNanos() >= rules.silence().toNanos()) {
                call.refuse(new Failure.Cancelled("the head was silent for " + rules.silence().toMillis() + " ms"));
            } else {
                call.beat();
            }
        }
    }
}
