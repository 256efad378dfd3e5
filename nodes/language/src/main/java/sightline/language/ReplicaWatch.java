package sightline.language;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.Done;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.language.model.DecoderModel;
import sightline.runtime.LogValue;
import sightline.runtime.ModelSettings;
import sightline.runtime.NodeProcess;
import sightline.runtime.StartFailure;

/**
 * Tells the cluster of a replica that it serves, when all its stages are linked, and that it does not, when one is lost; as
 * often as that happens. For any thread.
 */
final class ReplicaWatch implements LinkingModel.Watch {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaWatch.class);

    private final NodeProcess process;
    private final ModelSettings settings;
    private final PreparedModel prepared;
    private final CompletableFuture<DecoderModel> firstWarm = new CompletableFuture<>();
    private Optional<DecoderModel> linked = Optional.empty();
    private boolean isOpen;

    ReplicaWatch(NodeProcess process, ModelSettings settings, PreparedModel prepared) {
        this.process = process;
        this.settings = settings;
        this.prepared = prepared;
    }

    /** Waits until the replica is whole for the first time; nothing where the process stops before that. */
    Optional<DecoderModel> await() {
        var stopped = process.whenStopped().toCompletableFuture();
        CompletableFuture.anyOf(firstWarm, stopped.<Object>thenApply(Done.class::cast)).join();
        return firstWarm.isDone() ? Optional.of(firstWarm.join()) : Optional.empty();
    }

    /** From now on requests can be served: tells so, where the replica is whole. @throws StartFailure if it is not strict */
    synchronized void open() throws StartFailure {
        judge(linked.orElse(firstWarm.join())); // it may have been linked anew since
        isOpen = true;
        linked.ifPresent(this::announce);
    }

    @Override
    public synchronized void warm(DecoderModel model) {
        linked = Optional.of(model);
        firstWarm.complete(model);
        if (!isOpen) {
            return;
        }
        try {
            judge(model);
            announce(model);
        } catch (StartFailure e) {
            end(String.valueOf(e.getMessage()));
        }
    }

    /** Whoever supervises this process starts it anew, as what it is now. */
    private void end(String why) {
        LOG.error("event=another-replica reason={}", LogValue.of(why));
        Thread.ofPlatform().name("end-another-replica").start(process::close);
    }

    @Override
    public synchronized void unlinked(String why) {
        linked = Optional.empty();
        if (isOpen) {
            process.unready(why);
        }
    }

    private void judge(DecoderModel model) throws StartFailure {
        settings.judge(model.proof().fingerprint().map(Object::toString), model.proof().reasons());
    }

    private void announce(DecoderModel model) {
        if (model.contextLength() != firstWarm.join().contextLength()) {
            end("the stages now have memory for " + model.contextLength() + " positions");
            return;
        }
        process.serves(prepared.served(model.proof().fingerprint().map(Object::toString), model.contextLength()));
        process.ready();
    }
}
