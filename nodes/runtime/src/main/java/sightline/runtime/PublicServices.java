package sightline.runtime;

import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a process serves on its public port.
 *
 * @param arrivals told of every byte that comes in, for any service
 * @param door sees every call before its service does
 */
public record PublicServices(List<ServerServiceDefinition> services, ServerStreamTracer.Factory arrivals,
        ServerInterceptor door) {

    public PublicServices {
        services = List.copyOf(services);
    }

    PublicServices and(List<ServerServiceDefinition> more) {
        var all = new ArrayList<>(services);
        all.addAll(more);
        return new PublicServices(all, arrivals, door);
    }
}
