package sightline.client;

import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.v1.InferenceGrpc;
import sightline.v1.ListModelsRequest;
import sightline.v1.ListModelsResponse;
import sightline.v1.Model;
import sightline.wire.Endpoint;
import sightline.wire.Tenants;

/** A router behind a real connection, which treats each call as the next of its scripts says. */
final class ScriptedRouter implements AutoCloseable {

    /** What a call does. */
    interface Script {
        void answer(GenerateRequest request, StreamObserver<GenerateResponse> responses);
    }

    private static final Script NONE = (request, _) -> {
        throw new AssertionError("a call too many: " + request);
    };

    private final Queue<Script> scripts = new ConcurrentLinkedQueue<>();
    private volatile Script further = NONE;
    private final LinkedBlockingQueue<GenerateRequest> requests = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<String> tenants = new LinkedBlockingQueue<>();
    private final Semaphore cancelled = new Semaphore(0);
    private final Server server;
    private final Link link;

    ScriptedRouter() throws IOException {
        server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(ServerInterceptors.intercept(new Service(), new TenantEar()))
                .build()
                .start();
        link = new Link(server.getPort());
    }

    /** For the next calls, one each. */
    void play(Script... next) {
        scripts.addAll(List.of(next));
    }

    /** For all calls after these. */
    void playAlways(Script script) {
        further = script;
    }

    Endpoint endpoint() {
        return new Endpoint("127.0.0.1", link.port());
    }

    /** What stands between the client and this router. */
    Link link() {
        return link;
    }

    /** Requests that came since this was last asked for. */
    List<GenerateRequest> takeRequests() {
        var taken = new ArrayList<GenerateRequest>();
        requests.drainTo(taken);
        return taken;
    }

    GenerateRequest awaitRequest() throws InterruptedException {
        return requests.take();
    }

    /** For whom the next call is. */
    String awaitTenant() throws InterruptedException {
        return tenants.take();
    }

    void awaitCancellation() throws InterruptedException {
        cancelled.acquire();
    }

    @Override
    public void close() throws IOException {
        link.close();
        server.shutdownNow();
    }

    private final class TenantEar implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
                ServerCallHandler<Q, R> next) {
            tenants.add(Objects.requireNonNull(headers.get(Tenants.KEY)));
            return next.startCall(call, headers);
        }
    }

    private final class Service extends InferenceGrpc.InferenceImplBase {
        @Override
        public void generate(GenerateRequest request, StreamObserver<GenerateResponse> responses) {
            ((ServerCallStreamObserver<GenerateResponse>) responses).setOnCancelHandler(cancelled::release);
            requests.add(request);
            Optional.ofNullable(scripts.poll()).orElse(further).answer(request, responses);
        }

        @Override
        public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> responses) {
            responses.onNext(ListModelsResponse.newBuilder().addModels(Model.newBuilder().setName("m")).build());
            responses.onCompleted();
        }
    }
}
