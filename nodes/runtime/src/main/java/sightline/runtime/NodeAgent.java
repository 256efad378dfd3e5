package sightline.runtime;

import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import sightline.stage.v1.NodeReport;

/** Answers, for one process, every question how it is; found by way of the receptionist. */
final class NodeAgent extends AbstractMatchingBehavior<NodeAgent.Query> {
    static final ServiceKey<Query> KEY = ServiceKey.create(Query.class, "sightline-node");

    /** Asks for one report; carried as {@code NodeQuery} on the wire. */
    record Query(ActorRef<NodeReport> replyTo) {}

    private final NodeStatus status;

    static Behavior<Query> create(NodeStatus status) {
        return Behaviors.setup(context -> new NodeAgent(context, status));
    }

    private NodeAgent(ActorContext<Query> context, NodeStatus status) {
        super(context);
        this.status = status;
        context.getSystem().receptionist().tell(Receptionist.register(KEY, context.getSelf()));
    }

    @Override
    public Behavior<Query> onMessage(Query query) {
        query.replyTo().tell(status.report());
        return this;
    }
}
