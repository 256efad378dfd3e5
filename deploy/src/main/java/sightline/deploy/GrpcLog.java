package sightline.deploy;

import java.util.logging.Level;
import java.util.logging.Logger;

/** Keeps gRPC from saying, on standard error and in its own words, what a command tells in ours. */
final class GrpcLog {
    private static final Logger GRPC = Logger.getLogger("io.grpc"); // held, since its own side is held weakly

    private GrpcLog() {}

    static void quieten() {
        GRPC.setLevel(Level.SEVERE);
    }
}
