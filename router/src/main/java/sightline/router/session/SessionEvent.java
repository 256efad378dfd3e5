package sightline.router.session;

import sightline.router.fleet.EncodeJob;
import sightline.router.fleet.LanguageDispatcher;
import sightline.router.fleet.PeerFate;
import sightline.router.fleet.PeerId;
import sightline.stage.v1.GenerateEvent;
import sightline.wire.Failure;

/** What can happen to a session. */
sealed interface SessionEvent {

    /** What came of rendering and encoding the prompt. */
    sealed interface OfPrompt extends SessionEvent {}

    record Prepared(PreparedPrompt prompt) implements OfPrompt {}

    /** The prompt cannot be served. */
    record NotPrepared(Failure failure) implements OfPrompt {}

    record OfVision(EncodeJob.Answer answer) implements SessionEvent {}

    record OfPlacement(LanguageDispatcher.Answer answer) implements SessionEvent {}

    /** What became of the replica that this answer is on trial for. */
    record OfFate(int choice, PeerId replica, PeerFate fate) implements SessionEvent {}

    /** What a replica says about an answer, in the attempt of this epoch. */
    sealed interface OfReplica extends SessionEvent {
        int choice();

        int epoch();
    }

    record ReplicaSaid(int choice, int epoch, GenerateEvent event) implements OfReplica {}

    /** The replica's stream is over. */
    record ReplicaClosed(int choice, int epoch, String why) implements OfReplica {}

    /** What the client does. */
    sealed interface OfClient extends SessionEvent {}

    /** It has read, and takes more. */
    record ClientReady() implements OfClient {}

    /** What was written last has filled its window. */
    record ClientBusy() implements OfClient {}

    record ClientGone() implements OfClient {}

    /** Time has passed; comes several times a second. */
    record Tick() implements SessionEvent {}
}
