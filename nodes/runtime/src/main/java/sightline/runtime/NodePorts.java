package sightline.runtime;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.util.MutableHandlerRegistry;
import java.util.List;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;
import sightline.wire.Endpoint;

/** The two ports that every process has, metrics and gRPC for other nodes, open and answering. */
record NodePorts(NodeStatus status, Health health, ProcessMetrics metrics, MutableHandlerRegistry services,
        Server server, Endpoint endpoint) implements AutoCloseable {

    static NodePorts open(NodeSettings settings, Role role, Health health) throws StartFailure {
        var metrics = ProcessMetrics.open(settings.metrics().bind());
        try {
            var status = new NodeStatus(firstDescription(settings, role, metrics.port()));
            var services = new MutableHandlerRegistry();
            var server = GrpcServers.openNodePort(settings.grpc().bind(), "grpc.port",
                    List.of(new NodeService(status).bindService(), health.service().bindService(),
                            ProtoReflectionServiceV1.newInstance().bindService()),
                    services);
            var endpoint = settings.grpc().advertised(server.getPort());
            status.endpoint(endpoint);
            return new NodePorts(status, health, metrics, services, server, endpoint);
        } catch (StartFailure e) {
            metrics.close();
            throw e;
        }
    }

    /** Opens a further port, for anybody; gives where it listens. */
    Server openPublic(Endpoint bind, String setting, PublicLimits limits, PublicServices services)
            throws StartFailure {
        return GrpcServers.openPublicPort(bind, setting, limits, services.and(List.of(health.service().bindService(),
                ProtoReflectionServiceV1.newInstance().bindService(), reflectionForOlderClients())));
    }

    /** Its successor is not known to many clients yet, Python's and older grpcurl among them. */
    @SuppressWarnings("deprecation")
    private static ServerServiceDefinition reflectionForOlderClients() {
        return io.grpc.protobuf.services.ProtoReflectionService.newInstance().bindService();
    }

    @Override
    public void close() {
        server.shutdownNow();
        metrics.close();
    }

    private static NodeDescription firstDescription(NodeSettings settings, Role role, int metricsPort) {
        return NodeDescription.newBuilder()
                .setName(settings.nameFor(role))
                .setRole(role)
                .setMetrics(settings.metrics().advertised(metricsPort).toString())
                .setState(NodeState.NODE_STATE_STARTING)
                .setFaultHooks(settings.faultHooks().enabled())
                .setIncarnation(NodeStatus.newIncarnation())
                .build();
    }
}
