package sightline.router.session;

import sightline.router.fleet.PeerId;
import sightline.router.fleet.Worker;
import sightline.stage.v1.Begin;
import sightline.v1.GenerateResponse;
import sightline.v1.Timeline;
import sightline.wire.Failure;

/** What a session has decided to do; carried out in order. */
sealed interface SessionEffect {
    record EncodePictures(PreparedPrompt prompt) implements SessionEffect {}

    /** Ask for a replica on which so many positions fit. */
    record Place(int positions) implements SessionEffect {}

    record OpenStream(Worker replica, Begin begin) implements SessionEffect {}

    record Grant(int tokens) implements SessionEffect {}

    record Beat() implements SessionEffect {}

    /** The pictures' leases may go. */
    record EndPictures() implements SessionEffect {}

    /** Everything that the session holds on other nodes is freed, whatever it is; may come more than once. */
    record FreeNodes() implements SessionEffect {}

    /** The replica gets no more work until it describes itself again. */
    record ReportLost(PeerId replica, String why) implements SessionEffect {}

    /** Tokens of an attempt that is over came, and were dropped. */
    record CountFenced(int tokens) implements SessionEffect {}

    record Write(GenerateResponse response) implements SessionEffect {}

    /** The answer of so many tokens is whole; the session ends. */
    record Complete(Timeline timeline, int tokens) implements SessionEffect {}

    /** The session ends. */
    record Fail(Failure failure) implements SessionEffect {}
}
