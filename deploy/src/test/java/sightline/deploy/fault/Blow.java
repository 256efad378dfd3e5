package sightline.deploy.fault;

import sightline.deploy.cluster.FaultyWay;
import sightline.deploy.cluster.ServedCluster;

/** What happens to a language node. */
enum Blow {
    /** The router's connection to it is reset. */
    CUT {
        @Override
        void strike(ServedCluster cluster, FaultyWay way, String node) {
            way.to(node).cut();
        }
    },
    /** The router's connections to all nodes are reset. */
    CUT_ALL {
        @Override
        void strike(ServedCluster cluster, FaultyWay way, String node) {
            way.cutAll();
        }
    },
    /** Its process is killed, as by {@code kill -9}. */
    KILL {
        @Override
        void strike(ServedCluster cluster, FaultyWay way, String node) {
            cluster.process(node).destroyForcibly();
        }
    },
    /** Its process stands still, until {@link #wake}. */
    STOP {
        @Override
        void strike(ServedCluster cluster, FaultyWay way, String node) {
            cluster.signal("STOP", node);
        }

        @Override
        void wake(ServedCluster cluster, String node) {
            cluster.signal("CONT", node);
        }
    };

    abstract void strike(ServedCluster cluster, FaultyWay way, String node);

    void wake(ServedCluster cluster, String node) {}
}
