package sightline.router.fleet;

import sightline.stage.v1.NodeReport;

/** One life of a node: after a restart the same name is another peer. */
public record PeerId(String name, long incarnation) {

    static PeerId of(NodeReport report) {
        return new PeerId(report.getName(), report.getIncarnation());
    }

    @Override
    public String toString() {
        return name;
    }
}
