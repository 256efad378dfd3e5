package sightline.runtime;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.NotSerializableException;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.SerializerWithStringManifest;
import sightline.stage.v1.NodeQuery;
import sightline.stage.v1.NodeReport;

/** Carries the two messages that nodes' actors exchange as protobuf; made by Pekko, by reflection. */
public final class NodeMessages extends SerializerWithStringManifest {
    private static final int IDENTIFIER = 71_001; // 0..40 are Pekko's own
    private static final String QUERY = "NodeQuery";
    private static final String REPORT = "NodeReport";

    private final ActorRefResolver refs;

    public NodeMessages(ExtendedActorSystem system) {
        refs = ActorRefResolver.get(Adapter.toTyped(system));
    }

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object message) {
        return message instanceof NodeReport ? REPORT : QUERY;
    }

    @Override
    public byte[] toBinary(Object message) {
        return switch (message) {
            case NodeReport report -> report.toByteArray();
            case NodeAgent.Query query -> NodeQuery.newBuilder()
                    .setReplyTo(refs.toSerializationFormat(query.replyTo()))
                    .setKnown(query.known())
                    .build()
                    .toByteArray();
            default -> throw new IllegalArgumentException("message: " + message.getClass().getName()
                    + " (expected: NodeAgent.Query or NodeReport)");
        };
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        try {
            return switch (manifest) {
                case REPORT -> NodeReport.parseFrom(bytes);
                case QUERY -> query(NodeQuery.parseFrom(bytes));
                default -> throw new NotSerializableException("manifest: " + manifest);
            };
        } catch (InvalidProtocolBufferException _) {
            throw new NotSerializableException("not a " + manifest);
        }
    }

    private NodeAgent.Query query(NodeQuery query) {
        return new NodeAgent.Query(refs.resolveActorRef(query.getReplyTo()), query.getKnown());
    }
}
