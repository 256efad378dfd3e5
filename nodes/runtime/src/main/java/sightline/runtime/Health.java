package sightline.runtime;

import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.Set;

/** Answers {@code grpc.health.v1} for this process, under the empty name and under those of its role. */
public final class Health {
    private final HealthStatusManager statuses = new HealthStatusManager();
    private final Set<String> services;

    /**
     * Not serving to begin with.
     *
     * @param services names besides the empty one
     */
    Health(Set<String> services) {
        this.services = Set.copyOf(services);
        serving(false);
    }

    /** What every check says from now on; ignored once the process stops. */
    public void serving(boolean serving) {
        var status = serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        statuses.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
        services.forEach(service -> statuses.setStatus(service, status));
    }

    BindableService service() {
        return statuses.getHealthService();
    }

    /** Not serving, for good. */
    void stopping() {
        statuses.enterTerminalState();
    }
}
