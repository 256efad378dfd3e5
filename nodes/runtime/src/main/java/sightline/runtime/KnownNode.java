package sightline.runtime;

import sightline.stage.v1.NodeReport;

/**
 * A node as last heard of.
 *
 * @param standing whether that is still to be believed
 */
public record KnownNode(NodeReport report, Standing standing) {
    /** A node is {@code SILENT} while it is still a member but has not answered for three seconds. */
    public enum Standing {
        ANSWERING, SILENT
    }
}
