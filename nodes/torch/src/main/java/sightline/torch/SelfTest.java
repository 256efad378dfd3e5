package sightline.torch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds out, on the real weights of this process, whether functions treat every row by itself to the last bit, and
 * whether several tiles in one call give the same bits as tile by tile.
 */
public final class SelfTest {
    private SelfTest() {}

    /**
     * What was found.
     *
     * @param strict no result depended on a row's position or on its neighbours
     * @param joinable no result depended on how many tiles, up to the number asked for, were joined in a call
     * @param reasons one line per function and property that failed; empty if both hold
     */
    public record Result(boolean strict, boolean joinable, List<String> reasons) {
        public Result {
            reasons = List.copyOf(reasons);
        }

        /** Holds what both hold. */
        public Result and(Result other) {
            List<String> all = new ArrayList<>(reasons);
            all.addAll(other.reasons);
            return new Result(strict && other.strict, joinable && other.joinable, all);
        }

        /** The tile as it may be used: joined as asked for where that is proved, else tile by tile. */
        public Tile allowed(Tile asked) {
            return joinable ? asked : Tile.separate(asked.rows());
        }
    }

    /** Runs every function that has a name of its own once; takes about as long as ten calls of each. */
    public static Result run(Collection<? extends RowFunction> functions, Tile tile) {
        Map<String, RowFunction> distinct = new LinkedHashMap<>();
        functions.forEach(function -> distinct.putIfAbsent(function.name(), function));
        Result result = new Result(true, true, List.of());
        for (RowFunction function : distinct.values()) {
            try (TensorScope _ = TensorScope.open()) {
                result = result.and(new RowProbe(function, tile).run());
            }
        }
        return result;
    }
}
