package sightline.deploy.cluster;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import sightline.deploy.fault.TcpFaultProxy;
import sightline.stage.v1.Role;

/** The way to the nodes of one role, with a fault proxy before each: nodes advertise its port in place of their own. */
public final class FaultyWay {
    private final Role role;
    private final BiConsumer<String, byte[]> heard;
    private final Map<String, TcpFaultProxy> proxies = new TreeMap<>();

    /**
     * The way to language nodes; nothing stands between yet.
     *
     * @param heard told of a node's name and the bytes that went to it, on the thread of their connection
     */
    public FaultyWay(BiConsumer<String, byte[]> heard) {
        this(Role.ROLE_LANGUAGE, heard);
    }

    /** The way to the nodes of any role; nothing stands between yet. */
    public FaultyWay(Role role) {
        this(role, (_, _) -> {});
    }

    private FaultyWay(Role role, BiConsumer<String, byte[]> heard) {
        this.role = role;
        this.heard = heard;
    }

    public TcpFaultProxy to(String node) {
        return requireNonNull(proxies.get(node), node);
    }

    /** Resets every connection to every node. */
    public void cutAll() {
        proxies.values().forEach(TcpFaultProxy::cut);
    }

    /** The same processes, reached by proxies. */
    ClusterPlan before(ClusterPlan plan) throws IOException {
        for (var spec : plan.processes())
            if (spec.role() == role)
                proxies.put(spec.name(), TcpFaultProxy.before(Hosts.NODE.endpoint(spec.ports().node(), spec.settings()),
                        bytes -> heard.accept(spec.name(), bytes)));
        return new ClusterPlan(plan.processes().stream().map(this::reached).toList(), plan.routers(), plan.seeds());
    }

    private ProcessSpec reached(ProcessSpec spec) {
        var proxy = proxies.get(spec.name());
        if (proxy == null)
            return spec;
        var settings = new HashMap<>(spec.settings());
        settings.put("grpc.advertised-port", Integer.toString(proxy.port()));
        return new ProcessSpec(spec.name(), spec.role(), spec.ports(), settings);
    }

    void close() throws IOException {
        for (var proxy : proxies.values())
            proxy.close();
    }
}
