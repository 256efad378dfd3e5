package sightline.runtime;

/** How a Sightline process ends. */
public enum ExitCode {
    DONE(0), USAGE(2), MODEL(3), PORT(4), REQUEST(5), NOT_STRICT(6), BUG(70);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
