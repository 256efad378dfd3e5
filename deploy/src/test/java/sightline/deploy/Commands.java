package sightline.deploy;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Runs the command line within the test's own process. */
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
}
