package sightline.router.fleet;

/** What vision nodes are expected to take for pictures. */
interface VisionCosts {
    /** Seconds for a picture of the job, on average of those that it has. */
    double seconds(PeerId node, JobId job);

    /** For how long a node has been given nothing and has answered nothing. */
    double silentSeconds(PeerId node);
}
