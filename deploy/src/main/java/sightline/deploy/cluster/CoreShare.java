package sightline.deploy.cluster;

import java.util.HashMap;
import java.util.Map;

/** How the processes of one role share the cores of this machine. */
final class CoreShare {
    private CoreShare() {}

    /**
     * Settings that give each process of a role its share of the cores, and all of a role the same number of threads, on
     * which the bits of their answers may depend.
     *
     * <p>A process that is the only one of its role keeps all cores: while one stage computes, the other mostly waits.
     * Stages of a replica all compute at once, each on another batch. Several would take the cores from each other in the middle of an operator, and all threads of it would wait.
     */
    static Map<String, String> settings(int vision, int language, int cores) {
        Map<String, String> settings = new HashMap<>();
        if (vision > 1) {
            settings.put("vision.threads", share(cores, vision));
        }
        if (language > 1) {
            settings.put("language.threads", share(cores, language));
        }
        return settings;
    }

    private static String share(int cores, int processes) {
        return Integer.toString(Math.max(1, cores / processes));
    }
}
