package sightline.deploy.cluster;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import sightline.wire.Endpoint;

/** Where the processes of a cluster listen: the address of each kind of port is a setting, and loopback unless it is said. */
public enum Hosts {
    CLUSTER("cluster.host"), NODE("grpc.host"), METRICS("metrics.host"), PUBLIC("router.host");

    private static final String LOOPBACK = "127.0.0.1";

    private final String setting;

    Hosts(String setting) {
        this.setting = setting;
    }

    /** All of them on one address. */
    public static Map<String, String> on(String address) {
        return Arrays.stream(values()).collect(Collectors.toMap(host -> host.setting, _ -> address));
    }

    static boolean isSetting(String key) {
        return Arrays.stream(values()).anyMatch(host -> host.setting.equals(key));
    }

    Endpoint endpoint(int port, Map<String, String> settings) {
        return new Endpoint(settings.getOrDefault(setting, LOOPBACK), port);
    }
}
