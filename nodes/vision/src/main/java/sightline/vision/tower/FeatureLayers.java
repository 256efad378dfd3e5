package sightline.vision.tower;

import java.util.List;

/**
 * Which hidden states of the tower become features: number 0 is what enters the first layer, number n what leaves layer n.
 *
 * @param states at least one, in the order in which they are joined
 */
record FeatureLayers(List<Integer> states) {
    FeatureLayers {
        states = List.copyOf(states);
        if (states.isEmpty()) {
            throw new IllegalArgumentException("feature layers: none (expected: at least one)");
        }
    }

    /**
     * Resolves indices as Python's lists do: -1 is the last state.
     *
     * @param layers of the whole tower
     */
    static FeatureLayers of(List<Integer> indices, int layers) {
        return new FeatureLayers(indices.stream().map(index -> state(index, layers)).toList());
    }

    private static int state(int index, int layers) {
        int state = index < 0 ? layers + 1 + index : index;
        if (state < 0 || state > layers) {
            throw new IllegalArgumentException(
                    "feature layer: " + index + " (expected: " + (-layers - 1) + ".." + layers + ")");
        }
        return state;
    }

    /** How many layers must run: those beyond the last feature are not even loaded. */
    int layersNeeded() {
        return states.stream().mapToInt(Integer::intValue).max().orElseThrow();
    }
}
