package sightline.deploy.top;

import com.sun.net.httpserver.HttpServer;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import sightline.v1.GetClusterRequest;
import sightline.v1.GetClusterResponse;
import sightline.v1.InferenceGrpc;
import sightline.v1.Node;
import sightline.wire.Endpoint;

/** A router that tells of whatever nodes the test says, and a page of metrics, on real ports. */
final class FakeCluster extends InferenceGrpc.InferenceImplBase implements AutoCloseable {
    private final AtomicReference<List<Node>> nodes = new AtomicReference<>(List.of());
    private final AtomicReference<String> page = new AtomicReference<>("");
    private final HttpServer http;
    private final Server grpc;
    private final Endpoint router;

    FakeCluster() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/metrics", exchange -> {
            var body = page.get().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            try (var out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        http.start();
        grpc = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()).addService(this).build().start();
        router = new Endpoint("127.0.0.1", grpc.getPort());
    }

    @Override
    public void getCluster(GetClusterRequest request, StreamObserver<GetClusterResponse> answer) {
        answer.onNext(GetClusterResponse.newBuilder().addAllNodes(nodes.get()).build());
        answer.onCompleted();
    }

    /** From now on. */
    void nodes(Node... now) {
        nodes.set(List.of(now));
    }

    /** From now on, of every node whose metrics are here. */
    void page(String text) {
        page.set(text);
    }

    Endpoint router() {
        return router;
    }

    /** Where a node may say that its metrics are. */
    String metrics() {
        return "127.0.0.1:" + http.getAddress().getPort();
    }

    /** Without effect when it was closed before. */
    @Override
    public void close() {
        if (grpc.isShutdown())
            return;
        grpc.shutdownNow();
        http.stop(0);
    }
}
