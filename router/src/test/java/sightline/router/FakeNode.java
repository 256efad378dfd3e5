package sightline.router;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import sightline.router.fleet.DemoModel;
import sightline.runtime.KnownNode;
import sightline.stage.v1.DescribeRequest;
import sightline.stage.v1.FileChunk;
import sightline.stage.v1.ModelFilesRequest;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.NodeGrpc;
import sightline.stage.v1.NodeReport;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;
import sightline.stage.v1.ServedModel;

/** A worker that can be killed and started again; speaks the real stage protocol over the in-process transport. */
final class FakeNode implements AutoCloseable {
    static final int CONTEXT = 256;

    private final String name;
    private final String fingerprint;
    private final Role role;
    private final ServedModel model;
    private final List<BindableService> stages;
    private volatile Server server;
    private final AtomicLong incarnation = new AtomicLong(1);

    FakeNode(String name, Role role, BindableService stage) {
        this(name, name + "-print", role, stage);
    }

    FakeNode(String name, String fingerprint, Role role, BindableService stage) {
        this(name, fingerprint, role, stage, DemoModel.CARD);
    }

    /** Serves {@code more} beside its stage. */
    FakeNode(String name, Role role, BindableService stage, BindableService more) {
        this(name, name + "-print", role, List.of(stage, more), DemoModel.CARD);
    }

    FakeNode(String name, String fingerprint, Role role, BindableService stage, ServedModel model) {
        this(name, fingerprint, role, List.of(stage), model);
    }

    private FakeNode(String name, String fingerprint, Role role, List<BindableService> stages, ServedModel model) {
        this.name = name;
        this.fingerprint = fingerprint;
        this.role = role;
        this.stages = stages;
        this.model = model;
        this.server = start();
    }

    /** As after SIGKILL: every stream breaks, and nothing answers. */
    void kill() {
        server.shutdownNow();
    }

    void restart() {
        incarnation.incrementAndGet();
        server = start();
    }

    KnownNode known() {
        var report = NodeReport.newBuilder()
                .setName(name)
                .setRole(role)
                .setEndpoint(endpoint())
                .setMetrics("localhost:9")
                .setState(NodeState.NODE_STATE_SERVING)
                .setIncarnation(incarnation.get());
        return new KnownNode(report.build(), KnownNode.Standing.ANSWERING);
    }

    @Override
    public void close() {
        kill();
    }

    /** The in-process transport takes it for a name. */
    private String endpoint() {
        return name + "-" + System.identityHashCode(this) + ":1";
    }

    private Server start() {
        try {
            var builder = InProcessServerBuilder.forName(endpoint()).addService(new Describing());
            stages.forEach(builder::addService);
            return builder.build().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Describing extends NodeGrpc.NodeImplBase {
        @Override
        public void describe(DescribeRequest request, StreamObserver<NodeDescription> answer) {
            answer.onNext(NodeDescription.newBuilder()
                    .setName(name)
                    .setRole(role)
                    .setEndpoint(endpoint())
                    .setState(NodeState.NODE_STATE_SERVING)
                    .setModel(model)
                    .setDevice("cpu")
                    .setDtype("float32")
                    .setFingerprint(fingerprint)
                    .setContextLength(CONTEXT)
                    .setIncarnation(incarnation.get())
                    .build());
            answer.onCompleted();
        }

        @Override
        public void modelFiles(ModelFilesRequest request, StreamObserver<FileChunk> answer) {
            var files = DemoModel.files();
            for (var file : files.names())
                answer.onNext(FileChunk.newBuilder()
                        .setName(file)
                        .setLast(true)
                        .setData(UnsafeByteOperations.unsafeWrap(files.content(file)))
                        .build());
            answer.onCompleted();
        }
    }
}
