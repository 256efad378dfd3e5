package sightline.router.fleet;

/** What vision nodes are expected to take for pictures. */
interface VisionCosts {
    /** Seconds for one of the job's pictures, counted from 0. */
    double seconds(PeerId node, JobId job, int picture);

    /** For how long a node has been given nothing and has answered nothing. */
    double silentSeconds(PeerId node);
}
