package sightline.deploy.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Hands out ports that are free on every address, in rising order, each once, and none that another cluster is about to
 * bind.
 *
 * <p>All lie below the range that the system takes ports of outgoing connections from, so a process that is restarted
 * finds its own port free.
 */
final class LocalPorts {

    /** Where Linux's ip_local_port_range begins. */
    private static final int FIRST_EPHEMERAL = 32_768;

    /** So many ports at least are there to look at. */
    private static final int ROOM = 1_000;

    private final Set<Integer> taken;
    private int next;

    /**
     * @param first where to begin looking
     * @param taken ports that somebody will have
     */
    LocalPorts(int first, Set<Integer> taken) {
        this.next = first;
        this.taken = Set.copyOf(taken);
    }

    /** Those behind a port that somebody asked for, where that lies in the range; else those from {@code first} on. */
    static LocalPorts behind(OptionalInt asked, int first) {
        return asked.isPresent() && asked.getAsInt() < FIRST_EPHEMERAL - ROOM
                ? new LocalPorts(asked.getAsInt() + 1, Set.of())
                : new LocalPorts(first, Set.of());
    }

    int next() {
        while (next < FIRST_EPHEMERAL) {
            int port = next++;
            if (!taken.contains(port) && isFree(port) && PortClaims.claim(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port below " + FIRST_EPHEMERAL);
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
