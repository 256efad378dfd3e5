package sightline.router.fleet;

import java.util.List;
import sightline.stage.v1.Encoded;
import sightline.stage.v1.Refused;

/** What the vision dispatcher has decided to do. */
sealed interface VisionEffect {
    /**
     * These pictures of the job, counted from 0, as items from {@code firstItem} on.
     *
     * @param pictures in the order of the prompt
     */
    record Send(PeerId to, JobId job, List<Integer> pictures, long firstItem) implements VisionEffect {
        public Send {
            pictures = List.copyOf(pictures);
        }
    }

    record CancelItem(PeerId at, long item) implements VisionEffect {}

    record ReleaseItem(PeerId at, long item) implements VisionEffect {}

    /** One of the job's pictures, counted from 0, is encoded. */
    record Answer(JobId job, int picture, Encoded encoded) implements VisionEffect {}

    /** One of the job's pictures, counted from 0, was refused, and with it the job. */
    record Refuse(JobId job, int picture, Refused refused) implements VisionEffect {}

    /** No node serves the model, or the ones that had a picture were lost. */
    record NoNode(JobId job) implements VisionEffect {}
}
