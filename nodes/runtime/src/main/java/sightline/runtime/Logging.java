package sightline.runtime;

import ch.qos.logback.classic.Logger;
import java.util.logging.LogRecord;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** How a process logs: one line of key=value per event on standard error, ours and the libraries'. */
final class Logging {
    /** Logs a client's broken or oversize message with its stack. Held here, since its own side is held weakly. */
    private static final java.util.logging.Logger MESSAGES = java.util.logging.Logger
            .getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerStream");

    private Logging() {}

    /** Ours at {@code level}; libraries keep their own, higher one. Before the first use of gRPC. */
    static void start(Level level) {
        // gRPC and simpleclient log by java.util.logging, in two lines unless told otherwise.
        System.setProperty("java.util.logging.SimpleFormatter.format",
                "time=%1$tFT%1$tT.%1$tL%1$tz level=%4$s logger=%2$s %5$s%6$s%n");
        MESSAGES.setFilter(Logging::withoutStack);
        if (LoggerFactory.getLogger("sightline") instanceof Logger ours)
            ours.setLevel(ch.qos.logback.classic.Level.convertAnSLF4JLevel(level));
    }

    /** What a client can provoke at will is worth a line, not a page. */
    static boolean withoutStack(LogRecord event) {
        if (event.getThrown() != null) {
            event.setMessage(event.getMessage() + ": " + event.getThrown().getMessage());
            event.setThrown(null);
        }
        return true;
    }
}
