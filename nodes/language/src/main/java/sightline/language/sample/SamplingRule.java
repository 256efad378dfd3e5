package sightline.language.sample;

/** How a token is chosen. */
public sealed interface SamplingRule {
    /** The largest logit; of equals, the smallest id. */
    record Greedy() implements SamplingRule {}

    /**
     * Drawn by chance, from the {@code topK} largest logits and, of these, from the fewest that hold {@code topP} of
     * the probability at this temperature, and of these from those that are at least {@code minP} as likely as the
     * likeliest.
     *
     * @param topK 0 is off
     * @param topP 1 is off
     * @param minP 0 is off
     */
    record Seeded(double temperature, int topK, double topP, double minP, long seed) implements SamplingRule {
        public Seeded {
            require(temperature > 0 && temperature <= 100, "temperature", temperature, "over 0, at most 100");
            require(topK >= 0, "topK", topK, ">= 0");
            require(topP > 0 && topP <= 1, "topP", topP, "over 0, at most 1");
            require(minP >= 0 && minP <= 1, "minP", minP, "0..1");
        }

        private static void require(boolean holds, String name, Object value, String expected) {
            if (!holds) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
            }
        }
    }
}
