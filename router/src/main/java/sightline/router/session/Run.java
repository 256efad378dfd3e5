package sightline.router.session;

import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import sightline.router.fleet.PeerId;
import sightline.router.fleet.Worker;

/**
 * One answer of a request, from attempt to attempt on language replicas, until it is whole.
 *
 * @param choice its number among the answers
 * @param epoch of the present attempt; what an earlier one still says is dropped
 * @param ungranted tokens that were written to the client and have to be granted to the replica
 * @param suspicion whether it may be why its last replica died
 * @param suspectOf the process whose loss made it a suspect, as long as it is one
 * @param avoided replicas that were lost or would not have it, since one last read its prompt
 * @param seekingNanos since when no replica has served it, while none does
 */
record Run(int choice, int epoch, Answer answer, Stage stage, int ungranted, Suspicion suspicion,
        Optional<PeerId> suspectOf, Set<PeerId> avoided, long seekingNanos) {

    Run {
        avoided = Set.copyOf(avoided);
    }

    /** Whether an answer may be why a process died. */
    enum Suspicion {
        /** No, as far as is known. */
        NONE,
        /** It was on a process that died; so were others. */
        SUSPECT,
        /** It is computed apart from others now: if this process dies too, it is the reason. */
        IN_TURN
    }

    /** Where an answer is. */
    sealed interface Stage {
        /** Whether it will still ask for the projected tokens. */
        default boolean needsPictures() {
            return switch (this) {
                case Held _,Encoding _,Placing _,OnTrial _,Opening _ -> true;
                case Decoding _,Closing _,Whole _ -> false;
            };
        }

        /** The prompt is first read for another answer, which this one then shares. */
        record Held() implements Stage {}

        /**
         * The pictures are encoded.
         *
         * @param asked rather than to be asked for at the next tick
         */
        record Encoding(boolean asked) implements Stage {}

        /** A language replica is looked for. */
        record Placing(boolean asked) implements Stage {}

        /**
         * Its replica's stream broke while it was computed alone: whether the process died of it is being found out, and
         * then whether the one died whose loss made it a suspect.
         *
         * @param sinceNanos when the stream broke, or the one before was known to be dead
         * @param asked how often the fleet was asked, which cannot be often where this side has slept meanwhile
         * @param before to be asked for next
         */
        record OnTrial(PeerId replica, long sinceNanos, int asked, Optional<PeerId> before) implements Stage {
            private static final int LEAST_ASKED = 4;

            /** Whether the replica has stayed away for so long. */
            boolean isOver(long nowNanos, Duration limit) {
                return asked >= LEAST_ASKED && nowNanos - sinceNanos >= limit.toNanos();
            }

            OnTrial askedAgain() {
                return new OnTrial(replica, sinceNanos, asked + 1, before);
            }
        }

        /**
         * A replica has it, and has not yet read the prompt.
         *
         * @param missing pictures, counted from 0, of which it has no ticket yet
         */
        record Opening(Worker replica, Pulse pulse, Set<Integer> missing) implements Stage {
            public Opening {
                missing = Set.copyOf(missing);
            }

            /** It is given the ticket of a picture, and with the last one owes steps. */
            Opening given(int picture, long nowNanos) {
                var rest = new HashSet<>(missing);
                rest.remove(picture);
                return new Opening(replica, pulse.owing(nowNanos), rest);
            }
        }

        /** It has read the prompt, and tokens come. */
        record Decoding(Worker replica, Pulse pulse) implements Stage {
            Decoding progress(long nowNanos) {
                return new Decoding(replica, pulse.progress(nowNanos));
            }
        }

        /** All tokens are here; the replica has still to say how long they took. */
        record Closing(long lastTokenNanos) implements Stage {}

        record Whole(long decodeMicros) implements Stage {}
    }

    static Run begin(int choice, Answer answer, long nowNanos) {
        return new Run(choice, 0, answer, answer.isOver() ? new Stage.Whole(0) : new Stage.Held(), 0,
                Suspicion.NONE, Optional.empty(), Set.of(), nowNanos);
    }

    Run in(Stage next) {
        return new Run(choice, epoch, answer, next, ungranted, suspicion, suspectOf, avoided, seekingNanos);
    }

    /** @param missing pictures whose tickets follow */
    Run opened(Worker replica, Set<Integer> missing, long nowNanos) {
        return new Run(choice, epoch, answer, new Stage.Opening(replica, Pulse.starting(nowNanos), missing), 0,
                suspicion, suspectOf, avoided, seekingNanos);
    }

    /** What has made progress is no suspect any more. */
    Run with(Answer longer) {
        return new Run(choice, epoch, longer, stage, ungranted, Suspicion.NONE, Optional.empty(), avoided,
                seekingNanos);
    }

    Run ungranted(int tokens) {
        return new Run(choice, epoch, answer, stage, tokens, suspicion, suspectOf, avoided, seekingNanos);
    }

    /**
     * Its replica is lost, or has refused it: another one goes on, if there is one, where it has its turn anew. One that was
     * left for want of pictures may have it again.
     */
    Run again(LossCause cause, long nowNanos) {
        var now = suspicion == Suspicion.IN_TURN ? Suspicion.SUSPECT : suspicion;
        var shunned = new HashSet<PeerId>();
        replica().filter(_ -> cause != LossCause.PICTURES).ifPresent(replica -> shunned.add(replica.id()));
        if (stage instanceof Stage.Decoding || epoch == 0) // however long it waited there, it was not sought a place
            return new Run(choice, epoch + 1, answer, stage, 0, now, suspectOf, shunned, nowNanos);
        shunned.addAll(avoided);
        return new Run(choice, epoch + 1, answer, stage, 0, now, suspectOf, shunned, seekingNanos);
    }

    /** It has not been sought a replica before. */
    Run seekingFrom(long nowNanos) {
        return new Run(choice, epoch, answer, stage, ungranted, suspicion, suspectOf, avoided, nowNanos);
    }

    /** It was on this process when that was lost. */
    Run suspectOf(PeerId lost) {
        return new Run(choice, epoch, answer, stage, ungranted, Suspicion.SUSPECT, Optional.of(lost), avoided,
                seekingNanos);
    }

    /** It is computed alone from now on. */
    Run inTurn() {
        return new Run(choice, epoch, answer, stage, ungranted, Suspicion.IN_TURN, suspectOf, avoided, seekingNanos);
    }

    /** Whether it has been sought a replica for so long. */
    boolean isSoughtFor(Duration limit, long nowNanos) {
        return nowNanos - seekingNanos >= limit.toNanos();
    }

    boolean isSuspect() {
        return suspicion != Suspicion.NONE;
    }

    /** Whether, of two suspects, this one has its turn first. */
    boolean goesBefore(Run other) {
        int longer = Integer.compare(answer.log().size(), other.answer.log().size());
        return longer == 0 ? choice < other.choice : longer > 0;
    }

    /** The replica that is at it. */
    Optional<Worker> replica() {
        return switch (stage) {
            case Stage.Opening(var replica, var _, var _) -> Optional.of(replica);
            case Stage.Decoding(var replica, var _) -> Optional.of(replica);
            case Stage.Held _,Stage.Encoding _,Stage.Placing _,Stage.OnTrial _,Stage.Closing _,Stage.Whole _ ->
                    Optional.empty();
        };
    }

    /** Whether its replica waits for tickets. */
    boolean lacksTickets() {
        return stage instanceof Stage.Opening(var _, var _, var missing) && !missing.isEmpty();
    }

    boolean isWhole() {
        return stage instanceof Stage.Whole;
    }
}
