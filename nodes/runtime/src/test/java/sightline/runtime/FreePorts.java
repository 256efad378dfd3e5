package sightline.runtime;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/**
 * Two ports that were free a moment ago.
 *
 * @param lower of the node that survives when the two lose sight of one another: an even split keeps the lowest address
 */
record FreePorts(int lower, int higher) {

    static FreePorts find() throws IOException {
        try (var one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new FreePorts(Math.min(one.getLocalPort(), other.getLocalPort()),
                    Math.max(one.getLocalPort(), other.getLocalPort()));
        }
    }
}
