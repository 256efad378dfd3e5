package sightline.router.session;

import java.util.Locale;

/** Why an answer had to leave its replica. */
enum LossCause {
    /** The stream broke: the process or the way to it is gone. */
    BROKEN,
    /** It said nothing for too long. */
    SILENT,
    /** It said that it lives, and made no step. */
    STALLED,
    /** What it said makes no sense. */
    MISBEHAVED,
    /** It lives, and would not have the answer. */
    REFUSED,
    /** It waits for tickets of pictures that have to be encoded anew, all of them. */
    PICTURES;

    /** Whether the process may have died of what it computed. */
    boolean isDeath() {
        return switch (this) {
            case BROKEN, SILENT, STALLED -> true;
            case MISBEHAVED, REFUSED, PICTURES -> false;
        };
    }

    /** As a label of a metric. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
