package sightline.deploy.rig;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.cluster.typed.Cluster;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.runtime.Heartbeat;
import sightline.runtime.NodeProcess;
import sightline.runtime.NodeSettings;
import sightline.runtime.Outbox;
import sightline.runtime.ServedNode;
import sightline.runtime.Settings;
import sightline.runtime.StartFailure;
import sightline.stage.v1.Begin;
import sightline.stage.v1.GenerateCommand;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.LanguageGrpc;
import sightline.stage.v1.Prefilled;
import sightline.stage.v1.Role;
import sightline.stage.v1.StreamBeat;
import sightline.stage.v1.Tokens;

/**
 * A language node of a cluster of its own, in this process, that says what it is told to: real ports, the real protocol
 * with credits and heartbeats, and no model.
 */
public final class SimulatedLanguage extends LanguageGrpc.LanguageImplBase implements AutoCloseable {

    private final NodeProcess process;
    private final Map<String, Sequence> sequences = new ConcurrentHashMap<>();
    private final Heartbeat heartbeat;
    private long beats;

    private SimulatedLanguage(NodeProcess process, Duration beatInterval) {
        this.process = process;
        this.heartbeat = new Heartbeat("beats", beatInterval, this::beat);
    }

    /** A node that is ready, with the small files of {@code checkpoint} for routers to learn from. */
    public static SimulatedLanguage start(Path checkpoint, Duration beatInterval)
            throws StartFailure, ModelProblem {
        var model = ModelDirectory.open(checkpoint, ModelDirectory.Options.NONE);
        var settings = NodeSettings.from(Settings.load(Optional.empty(), Map.of("cluster.exit-when-removed", "false")));
        var process = NodeProcess.start(settings, Role.ROLE_LANGUAGE, Set.of());
        var language = new SimulatedLanguage(process, beatInterval);
        process.serve(language);
        process.serves(new ServedNode(model.served(), model.files(), "none", "none", Optional.of("simulated"),
                model.config().contextLength()));
        process.ready();
        return language;
    }

    /** The port by which others join its cluster. */
    public int seed() {
        return Cluster.get(process.system()).selfMember().address().getPort().orElseThrow();
    }

    /** Those that run now, in no order. */
    public Collection<Sequence> sequences() {
        return sequences.values();
    }

    /** The one of this request, which must have begun. */
    public Sequence sequence(String requestId) {
        return Optional.ofNullable(sequences.get(requestId)).orElseThrow();
    }

    private void beat() {
        var beat = GenerateEvent.newBuilder().setBeat(StreamBeat.newBuilder().setSteps(++beats)).build();
        sequences.values().forEach(sequence -> sequence.outbox.beat(beat));
    }

    @Override
    public StreamObserver<GenerateCommand> generate(StreamObserver<GenerateEvent> events) {
        var call = (ServerCallStreamObserver<GenerateEvent>) events;
        var sequence = new Sequence(new Outbox<>(call));
        call.setOnReadyHandler(sequence.outbox::drain);
        call.setOnCancelHandler(sequence::end);
        return sequence;
    }

    @Override
    public void close() {
        heartbeat.close();
        process.close();
    }

    /** One answer; has read its prompt as soon as it begins. */
    public final class Sequence implements StreamObserver<GenerateCommand> {
        private final Outbox<GenerateEvent> outbox;
        private Begin begun = Begin.getDefaultInstance();
        private int said;
        private int credit;

        private Sequence(Outbox<GenerateEvent> outbox) {
            this.outbox = outbox;
        }

        /** Sends the next token, if there is credit for one; says whether there was. */
        public synchronized boolean say(int id) {
            if (credit == 0)
                return false;
            credit--;
            outbox.send(GenerateEvent.newBuilder()
                    .setTokens(Tokens.newBuilder().setEpoch(begun.getEpoch()).setIndex(said++).addIds(id))
                    .build());
            return true;
        }

        @Override
        public synchronized void onNext(GenerateCommand command) {
            if (command.hasBegin()) {
                begun = command.getBegin();
                said = begun.getAnswerIdsCount();
                credit = begun.getCredit();
                sequences.put(begun.getRequestId(), this);
                outbox.send(GenerateEvent.newBuilder().setPrefilled(Prefilled.getDefaultInstance()).build());
            }
            credit += command.getCredit().getTokens();
        }

        private void end() {
            outbox.abandon();
            sequences.remove(begun.getRequestId(), this);
        }

        @Override
        public void onError(Throwable error) {
            end();
        }

        @Override
        public void onCompleted() {
            // the router has nothing more to say
        }
    }
}
