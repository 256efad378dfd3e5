package sightline.runtime;

import org.jspecify.annotations.Nullable;

/** A process cannot start, for a reason that its user can do something about; the message says what to do. */
public final class StartFailure extends Exception {
    private static final long serialVersionUID = 1;

    private final ExitCode exitCode;

    public StartFailure(ExitCode exitCode, String message) {
        this(exitCode, message, null);
    }

    public StartFailure(ExitCode exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    public ExitCode exitCode() {
        return exitCode;
    }
}
