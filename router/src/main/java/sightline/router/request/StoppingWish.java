package sightline.router.request;

import java.util.List;
import java.util.OptionalInt;

/**
 * When a client wants its answer to end.
 *
 * @param minNewTokens no stop before this many
 * @param stopTokenIds as unsigned numbers
 */
public record StoppingWish(OptionalInt maxNewTokens, int minNewTokens, List<String> stops,
        List<Integer> stopTokenIds, boolean ignoreEos) {
    private static final int DEFAULT_NEW_TOKENS = 256;

    public StoppingWish {
        stops = List.copyOf(stops);
        stopTokenIds = List.copyOf(stopTokenIds);
    }

    /** How many tokens to generate at most, when the prompt leaves {@code room} positions of the context. */
    public int maxNewTokens(int room) {
        return maxNewTokens.orElse(Math.min(DEFAULT_NEW_TOKENS, room));
    }
}
