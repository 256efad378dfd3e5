package sightline.router.session;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import sightline.stage.v1.Encoded;

/**
 * The tickets of a session's pictures, as far as they have come, while vision nodes encode them or hold their projected
 * tokens for it.
 *
 * @param came by picture, counted from 0
 * @param pictures that it has
 */
record Tickets(Map<Integer, Encoded> came, int pictures) {
    static Tickets awaited(int pictures) {
        return new Tickets(Map.of(), pictures);
    }

    Tickets {
        came = Map.copyOf(came);
    }

    Tickets with(int picture, Encoded encoded) {
        var more = new TreeMap<>(came);
        more.put(picture, encoded);
        return new Tickets(more, pictures);
    }

    boolean areWhole() {
        return came.size() == pictures;
    }

    /** Pictures, counted from 0, whose tickets have not come. */
    Set<Integer> missing() {
        return IntStream.range(0, pictures).filter(i -> !came.containsKey(i)).boxed().collect(Collectors.toSet());
    }

    Optional<Encoded> of(int picture) {
        return Optional.ofNullable(came.get(picture));
    }

    Collection<Encoded> all() {
        return came.values();
    }
}
