package sightline.router.fleet;

import sightline.wire.Failure;

/** What a node's refusal means to the client of this router. */
public final class StageFailure {
    private StageFailure() {}

    /** Reasons that only nodes tell one another, and a node's going away, leave the client without a node. */
    public static Failure toClient(Failure failure) {
        return switch (failure) {
            case Failure.Draining _,Failure.NotHeld _,Failure.WrongModel _,Failure.BadTensor _,Failure.Cancelled _ ->
                    new Failure.NoReplica("no node could serve the request");
            case Failure.BadField _,Failure.BadImage _,Failure.PromptTooLong _,Failure.BadMessage _,Failure.Quota _,Failure.SlowClient _,Failure.Overloaded _,Failure.NoReplica _,Failure.NoEqualReplica _,Failure.Deadline _,Failure.UnknownModel _,Failure.DuplicateRequest _,Failure.Diverged _,Failure.Poison _,Failure.Bug _ ->
                    failure;
        };
    }
}
