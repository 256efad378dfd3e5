package sightline.router;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import java.util.Optional;
import sightline.wire.Tenants;

/** Lets a service know for whom a call is, as its metadata says. */
final class CallTenant implements ServerInterceptor {
    private static final Context.Key<String> TENANT = Context.keyWithDefault("sightline-tenant", "");

    private CallTenant() {}

    static ServerServiceDefinition toldTo(ServerServiceDefinition service) {
        return ServerInterceptors.intercept(service, new CallTenant());
    }

    /** Of the call of the current context; as it was said, which may be no name. */
    static String said() {
        return TENANT.get();
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
            ServerCallHandler<Q, R> next) {
        var tenant = Optional.ofNullable(headers.get(Tenants.KEY)).orElse("");
        return Contexts.interceptCall(Context.current().withValue(TENANT, tenant), call, headers, next);
    }
}
