package sightline.runtime;

import sightline.wire.Endpoint;

/** Says in one way, for every kind of port, that it cannot be opened. */
final class Ports {
    private Ports() {}

    static StartFailure cannotBind(Endpoint bind, String setting, Throwable cause) {
        var reason = cause;
        while (reason.getCause() != null)
            reason = reason.getCause();
        return new StartFailure(ExitCode.PORT, "port " + bind + " cannot be bound: " + reason.getMessage()
                + " (setting " + setting + "; 0 takes any free port)", cause);
    }
}
