package sightline.deploy.top;

import java.io.PrintWriter;
import java.util.List;

/** Where a view is shown, each in the place of the one before; closing leaves the terminal as it was. */
public sealed interface Screen extends AutoCloseable {
    /** Shows the view, and says whether anybody still sees it. */
    boolean show(List<String> lines);

    @Override
    void close();

    /** Plain text, one view below the other, without any control code. */
    record Plain(PrintWriter out) implements Screen {
        @Override
        public boolean show(List<String> lines) {
            lines.forEach(out::println);
            out.println();
            return !out.checkError();
        }

        @Override
        public void close() {
            out.flush();
        }
    }

    /** The second page of a terminal, so that closing brings back what was there; long lines are cut at its edge. */
    final class Terminal implements Screen {
        /*
         * Control codes of xterm: ?1049 is the second page, ?25 the cursor, ?7 the wrapping of long lines; H goes to the
         * upper left corner, K clears to the end of the line and J to that of the page.
         */
        private static final String OPEN = "\033[?1049h\033[?25l\033[?7l";
        private static final String CLOSE = "\033[?7h\033[?25h\033[?1049l";
        private static final String HOME = "\033[H";
        private static final String END_LINE = "\033[K";
        private static final String END_PAGE = "\033[J";

        private final PrintWriter out;
        private boolean closed;

        public Terminal(PrintWriter out) {
            this.out = out;
            out.print(OPEN);
            out.flush();
        }

        @Override
        public synchronized boolean show(List<String> lines) {
            if (closed)
                return false;
            var seen = lines.subList(0, Math.min(lines.size(), TerminalHeight.lines()));
            out.print(HOME + String.join(END_LINE + "\r\n", seen) + END_LINE + END_PAGE);
            return !out.checkError();
        }

        /** Nothing is shown from then on. */
        @Override
        public synchronized void close() {
            if (!closed)
                out.print(CLOSE);
            closed = true;
            out.flush();
        }
    }
}
