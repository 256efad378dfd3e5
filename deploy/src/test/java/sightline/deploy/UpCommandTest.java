package sightline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class UpCommandTest {
    private static final long LIMIT_SECONDS = 100;
    private static final long CHILDREN_END_SECONDS = 30;

    @TempDir
    Path folder;

    private record Ended(int exitCode, List<String> out, String err) {}

    @Test
    void onceAnswersAboutTheSamplePictureAndEndsEverything() throws Exception {
        var ended = up("--once");
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        assertThat(ended.out()).filteredOn(line -> line.startsWith("started "))
                .hasSize(3)
                .allMatch(line -> line.matches("started name=(router|vision|language)-1 role=\\1 pid=\\d+"));
        assertThat(ended.out().getLast()).isEqualTo(
                "There is a purple square at the top left, a red square in the center and a red triangle at the bottom left.");
        for (String line : ended.out().subList(0, 3))
            assertThat(startedProcess(line)).isEmpty();
    }

    @Test
    void aDirectoryWithoutAModelEndsWithThree() throws Exception {
        var ended = up("--once", "--model", folder.toString());
        assertThat(ended.exitCode()).isEqualTo(3);
        assertThat(ended.err()).contains("config.json");
    }

    @Test
    void aPortInUseEndsWithFour() throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var ended = up("--once", "--grpc-port", Integer.toString(socket.getLocalPort()));
            assertThat(ended.exitCode()).isEqualTo(4);
            assertThat(ended.err()).contains("port 127.0.0.1:" + socket.getLocalPort(), "cannot be bound");
        }
    }

    @Test
    void upKilledOutrightLeavesNoProcessBehind() throws Exception {
        var process = start();
        try (var lines = process.inputReader()) {
            var children = new ArrayList<ProcessHandle>();
            for (var line = lines.readLine(); line != null && !line.startsWith("ready "); line = lines.readLine())
                if (line.startsWith("started "))
                    children.add(startedProcess(line).orElseThrow());
            assertThat(children).hasSize(3);
            process.destroyForcibly();
            for (var child : children)
                child.onExit().get(CHILDREN_END_SECONDS, TimeUnit.SECONDS);
        } finally {
            process.destroyForcibly();
        }
    }

    /** The process that a {@code started} line names, while it runs. */
    private static Optional<ProcessHandle> startedProcess(String line) {
        return ProcessHandle.of(Long.parseLong(line.substring(line.lastIndexOf('=') + 1)));
    }

    private Ended up(String... flags) throws IOException, InterruptedException {
        var process = start(flags);
        try {
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as(Files.readString(err())).isTrue();
            return new Ended(process.exitValue(), process.inputReader().readAllLines(), Files.readString(err()));
        } finally {
            process.destroy();
        }
    }

    private Process start(String... flags) throws IOException {
        var args = new ArrayList<>(List.of("up", "--log-dir", folder.resolve("logs").toString()));
        args.addAll(List.of(flags));
        return Commands.process(args).redirectError(err().toFile()).start();
    }

    private Path err() {
        return folder.resolve("err");
    }
}
