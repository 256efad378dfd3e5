package sightline.deploy.top;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** How many lines the terminal of this process has now, as {@code stty} says. */
final class TerminalHeight {
    private static final Pattern ROWS_AND_COLUMNS = Pattern.compile("(\\d+) \\d+\\s*");
    private static final int USUAL = 24; // of a VT100, and of whatever does not say

    private TerminalHeight() {}

    static int lines() {
        try {
            var stty = new ProcessBuilder("stty", "size").redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            var size = ROWS_AND_COLUMNS
                    .matcher(new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            return size.matches() && !size.group(1).equals("0") ? Integer.parseInt(size.group(1)) : USUAL;
        } catch (IOException _) {
            return USUAL;
        }
    }
}
