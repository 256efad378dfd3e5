package sightline.deploy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the command line within the test's own process, or in one of its own. */
final class Commands {
    private Commands() {}

    /** What a command gave back and printed. */
    record Ended(int exitCode, String out, String err) {}

    static Ended run(String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        int exitCode = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
        return new Ended(exitCode, out.toString().strip(), err.toString().strip());
    }

    /** As the launcher starts it, but from this test's class path. */
    static ProcessBuilder process(List<String> args) {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dsightline.home=" + Path.of(System.getProperty("sightline.root"), "deploy"), "-cp",
                System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(args);
        return new ProcessBuilder(command);
    }
}
