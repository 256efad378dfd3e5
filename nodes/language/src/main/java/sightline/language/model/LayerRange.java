package sightline.language.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Consecutive layers of a decoder, counted from zero.
 *
 * @param from the first one
 * @param to behind the last one
 * @param of layers that the whole decoder has
 */
public record LayerRange(int from, int to, int of) {
    public LayerRange {
        if (from < 0 || from >= to || to > of) {
            throw new IllegalArgumentException(
                    "layers: " + from + ".." + to + " of " + of + " (expected: at least one of them)");
        }
    }

    /** All layers. */
    public static LayerRange whole(int layers) {
        return new LayerRange(0, layers, layers);
    }

    /** One range for each stage, as equal as they can be; the first ones are the larger. */
    public static List<LayerRange> even(int layers, int stages) {
        if (stages < 1 || stages > layers) {
            throw new IllegalArgumentException("stages: " + stages + " (expected: 1.." + layers + ")");
        }
        return sized(layers, IntStream.range(0, stages)
                .mapToObj(stage -> layers / stages + (stage < layers % stages ? 1 : 0))
                .toList());
    }

    /** One range of each size, first to last. */
    public static List<LayerRange> sized(int layers, List<Integer> sizes) {
        if (sizes.stream().mapToInt(Integer::intValue).sum() != layers) {
            throw new IllegalArgumentException("layers: " + sizes + " (expected: " + layers + " together)");
        }
        var ranges = new ArrayList<LayerRange>();
        int from = 0;
        for (int size : sizes) {
            ranges.add(new LayerRange(from, from + size, layers));
            from += size;
        }
        return Collections.unmodifiableList(ranges);
    }

    public int count() {
        return to - from;
    }

    /** Whether the answers come from these. */
    public boolean endsDecoder() {
        return to == of;
    }

    @Override
    public String toString() {
        return from + ".." + (to - 1) + "/" + of;
    }
}
