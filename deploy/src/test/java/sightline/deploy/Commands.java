package sightline.deploy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import sightline.deploy.cluster.InstalledJars;

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

    /** As the launcher starts it. */
    static ProcessBuilder process(List<String> args) {
        return InstalledJars.sightline(args);
    }
}
