package sightline.router.fleet;

/** One answer of a session. */
public record RunId(JobId job, int choice) {}
