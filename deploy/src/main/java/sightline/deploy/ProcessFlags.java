package sightline.deploy;

import com.typesafe.config.Config;
import java.net.DatagramSocket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;
import sightline.deploy.cluster.Hosts;
import sightline.runtime.ExitCode;
import sightline.runtime.Settings;
import sightline.runtime.StartFailure;
import sightline.wire.Endpoint;

/** The flags of every node: a settings file, the settings that are asked for most, and any other by its key. */
final class ProcessFlags {
    @Option(names = "--config", paramLabel = "FILE", description = "Settings in HOCON; flags win over it.")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Any setting by its key below 'sightline', such as grpc.port=7171.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(names = "--name", paramLabel = "NAME", description = "node.name")
    private Optional<String> name = Optional.empty();

    @Option(names = "--cluster-port", paramLabel = "PORT", description = "cluster.port")
    private Optional<String> clusterPort = Optional.empty();

    @Option(names = "--host", paramLabel = "ADDRESS", description = {
        "cluster.host, grpc.host, metrics.host and router.host: this machine's address;",
        "auto: the one by which it reaches the first of --seeds"})
    private Optional<String> host = Optional.empty();

    @Option(names = "--seeds", paramLabel = "HOST:PORT", split = ",", description = "cluster.seeds, separated by commas")
    private List<Endpoint> seeds = new ArrayList<>();

    @Option(names = "--node-port", paramLabel = "PORT", description = "grpc.port")
    private Optional<String> nodePort = Optional.empty();

    @Option(names = "--metrics-port", paramLabel = "PORT", description = "metrics.port")
    private Optional<String> metricsPort = Optional.empty();

    @Option(names = "--end-with-stdin", description = "Stop when standard input ends, and so with whoever holds its other end.")
    private boolean endWithStdin;

    boolean endWithStdin() {
        return endWithStdin;
    }

    /** The whole settings tree; {@code more} are flags of a role. */
    Config load(Map<String, String> more) throws StartFailure {
        var overrides = new LinkedHashMap<>(settings);
        overrides.putAll(more);
        name.ifPresent(n -> overrides.put("node.name", n));
        clusterPort.ifPresent(port -> overrides.put("cluster.port", port));
        if (host.isPresent())
            overrides.putAll(Hosts.on(address(host.get())));
        if (!seeds.isEmpty())
            overrides.put("cluster.seeds", hoconList(seeds));
        nodePort.ifPresent(port -> overrides.put("grpc.port", port));
        metricsPort.ifPresent(port -> overrides.put("metrics.port", port));
        return Settings.load(file, overrides);
    }

    private String address(String given) throws StartFailure {
        if (!given.equals("auto"))
            return given;
        if (seeds.isEmpty())
            throw new StartFailure(ExitCode.USAGE, "--host: auto (expected: an address, where there are no --seeds)");
        try (var socket = new DatagramSocket()) {
            socket.connect(seeds.getFirst().toSocketAddress()); // which sends nothing
            return socket.getLocalAddress().getHostAddress();
        } catch (SocketException e) {
            throw new StartFailure(ExitCode.USAGE, "--host: no way to " + seeds.getFirst(), e);
        }
    }

    private static String hoconList(List<Endpoint> endpoints) {
        return endpoints.stream()
                .map(endpoint -> '"' + endpoint.toString() + '"')
                .collect(Collectors.joining(",", "[", "]"));
    }
}
