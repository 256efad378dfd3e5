package sightline.deploy.client;

import java.time.Duration;
import sightline.client.RequestFailed;
import sightline.client.SightlineClient;
import sightline.v1.Model;

/** Waits until a cluster can be asked about pictures. */
public final class PictureWait {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration POLL_TIMEOUT = Duration.ofSeconds(2);

    private PictureWait() {}

    /** Blocks until a router reports a model that can be asked about them, but no longer than {@code limit}. */
    public static void await(SightlineClient client, Duration limit) throws InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        while (!takesPictures(client) && System.nanoTime() < endNanos)
            Thread.sleep(POLL);
    }

    private static boolean takesPictures(SightlineClient client) {
        try {
            return client.listModels(POLL_TIMEOUT).stream().anyMatch(Model::getTakesPicturesNow);
        } catch (RequestFailed _) {
            return false;
        }
    }
}
