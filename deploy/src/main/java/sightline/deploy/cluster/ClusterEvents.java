package sightline.deploy.cluster;

import java.time.Duration;
import java.util.List;

/** Told of what becomes of a cluster's processes; each process tells from a thread of its own. */
public interface ClusterEvents {

    void started(ProcessSpec process, long pid);

    /** The process goes on loading its model; {@code progress} is for people. */
    void loading(ProcessSpec process, String progress);

    /** The process is warm; {@code loading} passed since it was started. */
    void ready(ProcessSpec process, Duration loading);

    /** The process ended by itself and is started again after {@code wait}. */
    void restarting(ProcessSpec process, int exitCode, Duration wait);

    /** The process ended by itself, and starting it again would not help; {@code lastWords} are from its log. */
    void gaveUp(ProcessSpec process, int exitCode, List<String> lastWords);
}
