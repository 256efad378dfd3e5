package sightline.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sightline.stage.v1.Role;

/** How a process ends, in JVMs of their own. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
final class NodeMainTest {
    private static final long PATIENCE_SECONDS = 60;

    @TempDir
    private Path temp = Path.of("");
    private final List<Process> children = new ArrayList<>();

    @AfterEach
    void endChildren() {
        children.forEach(Process::destroyForcibly);
    }

    private Path log() {
        return temp.resolve("child.log");
    }

    private Process child(String what, String... settings) throws IOException {
        var command = new ArrayList<>(
                List.of(ProcessHandle.current().info().command().orElse("java"), "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        ChildNode.class.getName(), what));
        command.addAll(List.of(settings));
        var child = new ProcessBuilder(command).redirectError(log().toFile()).start();
        children.add(child);
        return child;
    }

    private String awaitLine(Process child) throws IOException {
        BufferedReader out = child.inputReader(StandardCharsets.UTF_8);
        var line = out.readLine();
        assertThat(line).as(this::logText).isNotNull();
        return String.valueOf(line);
    }

    private void assertEndsWith(Process child, int code) throws InterruptedException {
        assertThat(child.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as(this::logText).isTrue();
        assertThat(child.exitValue()).as(this::logText).isEqualTo(code);
    }

    private String logText() {
        try {
            return Files.readString(log());
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    private static NodeProcess seed(int port, Map<String, String> more) {
        var settings = new HashMap<>(more);
        settings.put("node.name", "router-1");
        settings.put("cluster.port", Integer.toString(port));
        settings.put("cluster.seeds", seeds(port));
        return NodeProcessTest.start(settings, Role.ROLE_ROUTER);
    }

    private static String seeds(int port) {
        return "[\"127.0.0.1:" + port + "\"]";
    }

    @Test
    void signalEndsTheProcessInOrderAndWithZero() throws Exception {
        var child = child("serve", "node.name=language-3");

        assertThat(awaitLine(child))
                .matches("ready name=language-3 role=language grpc=127\\.0\\.0\\.1:\\d+ metrics=127\\.0\\.0\\.1:\\d+");
        child.destroy();
        assertEndsWith(child, 0);
    }

    @Test
    void signalEndsAProcessThatStillStarts() throws Exception {
        var child = child("hang");
        awaitLine(child);
        child.destroy();
        assertEndsWith(child, 0);
    }

    @ParameterizedTest
    @CsvSource({"refuse,6,sightline: the self-test failed", "throw,70,in a thread of its own",
        "break,70,in an actor"})
    void startThatFailsEndsWithItsCodeAndSaysWhy(String what, int code, String told) throws Exception {
        assertEndsWith(child(what), code);
        assertThat(logText()).contains(told);
    }

    @Test
    void nodeRemovedByTheClusterEndsSoThatItIsStartedAnew() throws Exception {
        int port = FreePorts.find().lower();
        var seed = seed(port, Map.of());
        try {
            var child = child("serve", "node.name=language-1", "cluster.seeds=" + seeds(port));
            new Watched(seed).awaitNames("language-1", "router-1");
            var cluster = Cluster.get(seed.system());
            cluster.state().getMembers().forEach(member -> {
                if (member.hasRole("language"))
                    cluster.manager().tell(Down.apply(member.address()));
            });
            assertEndsWith(child, 70);
        } finally {
            seed.close();
        }
    }

    @Test
    void killedNodeIsNoticed() throws Exception {
        var ports = FreePorts.find();
        var seed = seed(ports.lower(), Map.of("cluster.acceptable-heartbeat-pause", "1s"));
        try {
            var child = child("serve", "node.name=language-1", "cluster.port=" + ports.higher(),
                    "cluster.seeds=" + seeds(ports.lower()));
            var watched = new Watched(seed);
            watched.awaitNames("language-1", "router-1");
            child.destroyForcibly();
            watched.await(nodes -> nodes.stream().noneMatch(n -> n.report().getName().equals("language-1")));
        } finally {
            seed.close();
        }
    }
}
