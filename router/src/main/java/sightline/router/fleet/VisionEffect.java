package sightline.router.fleet;

import java.util.List;
import sightline.stage.v1.Encoded;
import sightline.stage.v1.Refused;

/** What the vision dispatcher has decided to do. */
sealed interface VisionEffect {
    /** All pictures of the job, as items from {@code firstItem} on. */
    record Send(PeerId to, JobId job, long firstItem) implements VisionEffect {}

    record CancelItem(PeerId at, long item) implements VisionEffect {}

    record ReleaseItem(PeerId at, long item) implements VisionEffect {}

    /** Every picture has its answer, in the order of the job. */
    record Answer(JobId job, List<Encoded> answers) implements VisionEffect {}

    /** One of the job's pictures, counted from 0, was refused, and with it the job. */
    record Refuse(JobId job, int picture, Refused refused) implements VisionEffect {}

    /** No node serves the model, or the ones that had the job were lost. */
    record NoNode(JobId job) implements VisionEffect {}
}
