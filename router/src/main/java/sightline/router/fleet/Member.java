package sightline.router.fleet;

import java.util.Optional;
import sightline.runtime.KnownNode;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.NodeState;

/** A worker in one of its lives: what it reports of itself, and what came of asking it. */
record Member(KnownNode known, Contact contact) {

    sealed interface Contact {
        /** Being asked to describe itself; {@code before} is what it said the last time, unless it was lost since. */
        record Asked(Optional<NodeDescription> before) implements Contact {}

        record Described(NodeDescription description) implements Contact {}

        /** It did not describe itself. */
        record Lost() implements Contact {}
    }

    static Member asked(KnownNode known) {
        return new Member(known, new Contact.Asked(Optional.empty()));
    }

    Optional<NodeDescription> description() {
        return switch (contact) {
            case Contact.Asked(var before) -> before;
            case Contact.Described(var description) -> Optional.of(description);
            case Contact.Lost _ -> Optional.empty();
        };
    }

    /** Whether it has something new to say: it said nothing, or its state is no longer what it described. */
    boolean isToBeAsked() {
        return switch (contact) {
            case Contact.Asked _ -> false;
            case Contact.Described(var description) -> description.getState() != known.report().getState();
            case Contact.Lost _ -> true;
        };
    }

    /** Whether requests may go there: not to a further stage of a replica, which is reached through its first. */
    boolean isServing() {
        boolean first = known.report().getPlace().getStage() == 0;
        return first && known.report().getState() == NodeState.NODE_STATE_SERVING && description()
                .filter(d -> d.getState() == NodeState.NODE_STATE_SERVING && d.hasModel())
                .isPresent();
    }

    boolean isLost() {
        return contact instanceof Contact.Lost;
    }

    Member told(KnownNode again) {
        return new Member(again, contact);
    }

    Member askedAgain() {
        return new Member(known, new Contact.Asked(description()));
    }

    Member with(Contact changed) {
        return new Member(known, changed);
    }
}
