package sightline.deploy;

import sightline.wire.Received;

/** A failed request in one line for the terminal. */
final class ErrorLine {
    private ErrorLine() {}

    static String of(Received received) {
        var reason = received.reason().map(r -> " " + r).orElse("");
        return "sightline: " + received.status() + reason + ": " + received.message();
    }
}
