package sightline.router.fleet;

import com.google.protobuf.ByteString;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import sightline.stage.v1.Encoded;

/**
 * What vision nodes took for pictures and which ones they have encoded, and so what a picture is expected to take on each.
 * Knows no clock. For one thread.
 */
final class VisionLedger {
    private static final double UNKNOWN_SECONDS = 0.5;

    /** Of the cost of encoding it, what a picture takes whose tokens are in the node's store. */
    private static final double STORED = 0.02;
    private static final int MOST_PICTURES = 100; // of a node: its store holds as many of 2 MB
    private static final double MICROS_PER_SECOND = 1e6;

    /** The pictures that a node was given last, each with the job that has it encoded, until it is. */
    private static final class Stored extends LinkedHashMap<ByteString, Optional<JobId>> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteString, Optional<JobId>> eldest) {
            return size() > MOST_PICTURES;
        }
    }

    private final NodeCosts encodeSeconds = new NodeCosts(UNKNOWN_SECONDS);
    private final Map<PeerId, Stored> stored = new HashMap<>();
    private final Map<PeerId, Long> heardNanos = new HashMap<>();

    /** These are the nodes now; what was learned of others is forgotten. */
    void nodes(Set<PeerId> now) {
        encodeSeconds.keep(now);
        stored.keySet().retainAll(now);
        heardNanos.keySet().retainAll(now);
    }

    /** The node is given these pictures of a job. */
    void sent(PeerId node, JobId job, Collection<ByteString> imageKeys, long nowNanos) {
        heardNanos.put(node, nowNanos);
        var pictures = stored(node);
        imageKeys.forEach(key -> pictures.putLast(key, pictures.getOrDefault(key, Optional.of(job))));
    }

    void encoded(PeerId node, Encoded told, long nowNanos) {
        heardNanos.put(node, nowNanos);
        stored(node).putLast(told.getTicket().getImageKey(), Optional.empty());
        if (!told.getFromStore() && told.getEncodeUs() > 0)
            encodeSeconds.observe(node, told.getEncodeUs() / MICROS_PER_SECOND, nowNanos);
    }

    /** The costs at one moment; {@code imageKeys} gives those of a job. */
    VisionCosts at(long nowNanos, Function<JobId, List<ByteString>> imageKeys) {
        return new VisionCosts() {
            @Override
            public double seconds(PeerId node, JobId job, int picture) {
                double encodings = finds(node, imageKeys.apply(job).get(picture), job) ? STORED : 1;
                return encodings * encodeSeconds.of(node, nowNanos);
            }

            @Override
            public double silentSeconds(PeerId node) {
                long heard = heardNanos.getOrDefault(node, nowNanos);
                return (double) (nowNanos - heard) / TimeUnit.SECONDS.toNanos(1);
            }
        };
    }

    /** Whether the job finds the picture encoded, or another job has it encoded before. */
    private boolean finds(PeerId node, ByteString imageKey, JobId job) {
        var by = stored(node).get(imageKey);
        return by != null && !by.equals(Optional.of(job));
    }

    private Stored stored(PeerId node) {
        return stored.computeIfAbsent(node, _ -> new Stored());
    }
}
