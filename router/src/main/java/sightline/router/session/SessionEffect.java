package sightline.router.session;

import java.util.Optional;
import sightline.router.fleet.PeerId;
import sightline.router.fleet.ReplicaNeed;
import sightline.router.fleet.Worker;
import sightline.stage.v1.Begin;
import sightline.stage.v1.Ticket;
import sightline.v1.GenerateResponse;
import sightline.v1.Timeline;
import sightline.wire.Failure;

/** What a session has decided to do; carried out in order. */
sealed interface SessionEffect {
    /**
     * Have the pictures encoded.
     *
     * @param fingerprint of the node that has to do it; any, where it does not matter
     */
    record EncodePictures(PreparedPrompt prompt, Optional<String> fingerprint) implements SessionEffect {}

    /** Ask for a replica for this answer. */
    record Place(int choice, ReplicaNeed need) implements SessionEffect {}

    record OpenStream(int choice, int epoch, Worker replica, Begin begin) implements SessionEffect {}

    /** Nothing is to come of an answer's present attempt any more, and its replica is free of it. */
    record CloseStream(int choice) implements SessionEffect {}

    record Grant(int choice, int tokens) implements SessionEffect {}

    /** The replica is given the ticket of a picture, counted from 0, that was not there when the stream was opened. */
    record SendTicket(int choice, int picture, Ticket ticket) implements SessionEffect {}

    /** The replica may compute the suspect now. */
    record TakeTurn(int choice) implements SessionEffect {}

    record Beat(int choice) implements SessionEffect {}

    /** The pictures' leases may go. */
    record EndPictures() implements SessionEffect {}

    /** Everything that the session holds on other nodes is freed, whatever it is; may come more than once. */
    record FreeNodes() implements SessionEffect {}

    /** The replica gets no more work until it describes itself again. */
    record ReportLost(PeerId replica, String why) implements SessionEffect {}

    /** Find out what became of a replica that was reported lost. */
    record AskFate(int choice, PeerId replica) implements SessionEffect {}

    /** Tokens of an attempt that is over came, and were dropped. */
    record CountFenced(int tokens) implements SessionEffect {}

    record Write(GenerateResponse response) implements SessionEffect {}

    /**
     * An answer goes on with another attempt.
     *
     * @param tokens that it has by now, behind which it goes on
     */
    record FailOver(int choice, int epoch, int tokens, LossCause cause, String why) implements SessionEffect {}

    /** All answers are whole; the session ends. */
    record Complete(Timeline timeline, int longestAnswer) implements SessionEffect {}

    /** The session ends. */
    record Fail(Failure failure) implements SessionEffect {}
}
