package sightline.deploy.cluster;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The log file of a process, to which each of its incarnations adds. */
final class ProcessLog {
    private static final int LAST_WORDS = 3;
    private static final String REASON = "sightline: "; // how a node says why it ends

    private final Path file;
    private long beginning;

    ProcessLog(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    /** What is written from now on is another incarnation's. */
    void begin() throws IOException {
        beginning = Files.exists(file) ? Files.size(file) : 0;
    }

    /** The reason that the present incarnation gave for its end, or else its last lines. */
    List<String> lastWords() {
        try (var channel = FileChannel.open(file).position(beginning)) {
            var text = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            var lines = text.lines().toList();
            var reasons = lines.stream().filter(line -> line.startsWith(REASON)).toList();
            return reasons.isEmpty()
                    ? lines.subList(Math.max(0, lines.size() - LAST_WORDS), lines.size())
                    : List.of(reasons.getLast());
        } catch (IOException e) {
            return List.of("no log: " + e.getMessage());
        }
    }
}
