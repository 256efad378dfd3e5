package sightline.deploy.fault;

import java.util.Set;

/**
 * A blow that was struck.
 *
 * @param target the place that was waited for
 * @param targetTrial in which it was
 * @param nanos by {@link System#nanoTime}
 * @param hit trials that were under way on the node
 */
record Injection(Blow blow, String node, Target target, String targetTrial, long nanos, Set<String> hit) {
    Injection {
        hit = Set.copyOf(hit);
    }

    /** Behind which token of which answer of which subject to strike. */
    record Target(Subject subject, int choice, int token) {}
}
