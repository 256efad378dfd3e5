package sightline.client;

import sightline.wire.Received;

/**
 * What has gone wrong since the last event.
 *
 * @param failures of calls, in a row
 * @param lost the last of these for which no router was reached, or went away
 * @param sinceNanos when the first of them was seen
 */
record Trouble(int failures, int lost, long sinceNanos) {
    static final Trouble NONE = new Trouble(0, 0, 0);

    Trouble with(Received received, long nowNanos) {
        return new Trouble(failures + 1, received.isConnectionLost() ? lost + 1 : 0,
                failures == 0 ? nowNanos : sinceNanos);
    }
}
