package sightline.router.fleet;

import com.google.protobuf.ByteString;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.runtime.LogValue;
import sightline.stage.v1.Encoded;
import sightline.wire.Failure;
import sightline.wire.ImageKey;

/** The pictures of one session, to be encoded by nodes that serve the model. */
public record EncodeJob(JobId id, String requestId, VisionNeed need, List<Picture> pictures, long deadlineNanos,
        ActorRef<Answer> replyTo) {

    private static final Logger LOG = LoggerFactory.getLogger(EncodeJob.class);

    /**
     * A picture file.
     *
     * @param place its path in the request, to name it by
     */
    public record Picture(String place, ImageKey key, ByteString encoded) {}

    /** One comes for every picture of a job that is not ended before, or one of the others for the job. */
    public sealed interface Answer {
        /** This picture, counted from 0, is encoded; held on its vision node until the job is ended. */
        record Ready(int picture, Encoded encoded) implements Answer {}

        record Refused(Failure failure) implements Answer {}

        /** No node serves the model, or those that had a picture were lost. */
        record NoNode() implements Answer {}
    }

    public EncodeJob {
        pictures = List.copyOf(pictures);
    }

    /** Leaves one line in the log: the pictures are encoded elsewhere now, or again when there is a node. */
    void logLost(PeerId node, String why) {
        LOG.info("event=encode-again request={} node={} cause={}", LogValue.of(requestId), node, LogValue.of(why));
    }
}
