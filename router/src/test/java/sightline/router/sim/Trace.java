package sightline.router.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;

/** What happened in one run, line by line; kept only where somebody will read it. */
final class Trace {
    private final boolean kept;
    private final VirtualTime time;
    private final List<String> lines = new ArrayList<>();

    Trace(boolean kept, VirtualTime time) {
        this.kept = kept;
        this.time = time;
    }

    /** @param what with {} in the place of each detail */
    void note(String what, Object... details) {
        if (!kept)
            return;
        var line = what;
        for (var detail : details)
            line = line.replaceFirst("\\{}", Matcher.quoteReplacement(String.valueOf(detail)));
        lines.add(String.format(Locale.ROOT, "%9.3f ms  ", time.nowNanos() / 1e6) + line);
    }

    String text() {
        return String.join("\n", lines);
    }
}
