package sightline.language.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
    private static final int DRAWS = 40_000;

    @Test
    void greedyTakesTheSmallestIdOfEquals() {
        var sampler = new Sampler(4);
        assertThat(sampler.choose(new float[]{1, 3, 3, 2}, new SamplingRule.Greedy(), 0, 0)).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void logitsThatAreNoNumbersGiveNoToken(float broken) {
        var row = new float[]{0, broken, 1};
        assertThat(new Sampler(3).choose(row, new SamplingRule.Greedy(), 0, 0)).isEmpty();
        assertThat(new Sampler(3).choose(row, new SamplingRule.Seeded(1, 0, 1, 0, 1), 0, 0)).isEmpty();
    }

    @Test
    void frequenciesPassChiSquare() {
        var row = new float[]{0.3f, -1.2f, 2.0f, 0.3f, -0.5f, 1.1f, -3f, 0f};
        double[] expected = probabilities(row, 0.8);
        var counts = counts(row, new SamplingRule.Seeded(0.8, 0, 1, 0, 42));
        double chiSquare = IntStream.range(0, row.length)
                .mapToDouble(id -> Math.pow(counts[id] - DRAWS * expected[id], 2) / (DRAWS * expected[id]))
                .sum();
        // The 99.9 % quantile for 7 degrees of freedom.
        assertThat(chiSquare).isLessThan(24.32);
    }

    @Test
    void topKAndTopPKeepExactlyTheirSet() {
        var row = new float[]{1, 5, 4, 5, 3, -2, 0, 4};
        assertThat(seen(row, new SamplingRule.Seeded(5, 3, 1, 0, 9))).containsExactlyInAnyOrder(1, 3, 2);
        // At temperature 1 the two fives hold 0.55 of the probability, one of them half of that.
        assertThat(seen(row, new SamplingRule.Seeded(1, 0, 0.2, 0, 9))).containsExactlyInAnyOrder(1);
        assertThat(seen(row, new SamplingRule.Seeded(1, 0, 0.5, 0, 9))).containsExactlyInAnyOrder(1, 3);
        // Of the first three alone, the fives hold 0.84.
        assertThat(seen(row, new SamplingRule.Seeded(1, 3, 0.83, 0, 9))).containsExactlyInAnyOrder(1, 3);
    }

    @Test
    void aVanishingTemperatureIsGreedy() {
        var row = new float[]{1, 2, 2.0001f, -7};
        assertThat(seen(row, new SamplingRule.Seeded(Double.MIN_VALUE, 0, 1, 0, 3))).containsExactly(2);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void selectionAgreesWithAFullSort(long seed) {
        var random = new Random(seed);
        var row = new float[5_000];
        for (int id = 0; id < row.length; id++) {
            // Coarse values, so that many are equal, both zeros among them.
            row[id] = Math.round(random.nextGaussian() * 8) / (random.nextBoolean() ? 4f : -4f);
        }
        var sampler = new Sampler(row.length);
        for (int position = 0; position < 50; position++) {
            var rule = new SamplingRule.Seeded(0.2 + random.nextDouble(), random.nextInt(200),
                    Math.max(0.01, random.nextDouble()), 0, seed);
            assertThat(sampler.choose(row, rule, 0, position)).hasValue(bySorting(row, rule, position));
        }
    }

    @Test
    void sameSeedAndPositionGiveTheSameTokenWhateverCameBefore() {
        var random = new Random(5);
        var row = new float[1_000];
        for (int id = 0; id < row.length; id++) {
            row[id] = (float) random.nextGaussian();
        }
        var rule = new SamplingRule.Seeded(1, 50, 0.9, 0, 1234);
        var used = new Sampler(row.length);
        for (int position = 0; position < 20; position++) {
            used.choose(row, new SamplingRule.Seeded(2, 0, 1, 0, position), 0, position);
            assertThat(used.choose(row, rule, 0, position))
                    .isEqualTo(new Sampler(row.length).choose(row, rule, 0, position));
        }
    }

    @Test
    void scoresAreLogarithmsOfTheModelsOwnDistribution() {
        var row = new float[]{2, 0, 2, 1};
        double ln = Math.log(2 * Math.exp(2) + 1 + Math.exp(1));
        var scores = Scores.of(row, 3, 3);
        assertThat(scores.logprob()).isCloseTo(1 - ln, within());
        assertThat(scores.top()).extracting(Scores.Scored::id).containsExactly(0, 2, 3);
        assertThat(scores.top().getFirst().logprob()).isCloseTo(2 - ln, within());
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.data.Offset.offset(1e-12);
    }

    private static int bySorting(float[] row, SamplingRule.Seeded rule, int position) {
        List<Integer> order = IntStream.range(0, row.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer id) -> -row[id] + 0.0).thenComparingInt(id -> id))
                .toList();
        order = rule.topK() > 0 ? order.subList(0, Math.min(rule.topK(), order.size())) : order;
        double largest = row[order.getFirst()];
        double total = order.stream().mapToDouble(id -> weight(row[id], largest, rule)).sum();
        double sum = 0;
        int kept = 0;
        while (sum < rule.topP() * total && kept < order.size()) {
            sum += weight(row[order.get(kept++)], largest, rule);
        }
        double target = Philox.uniform(rule.seed(), 0, position, 0) * sum;
        double passed = 0;
        for (int id : order.subList(0, kept)) {
            passed += weight(row[id], largest, rule);
            if (passed > target) {
                return id;
            }
        }
        return order.get(kept - 1);
    }

    private static double weight(float logit, double largest, SamplingRule.Seeded rule) {
        return Exponential.of((logit - largest) / rule.temperature());
    }

    private static double[] probabilities(float[] row, double temperature) {
        double[] weights = IntStream.range(0, row.length).mapToDouble(id -> Math.exp(row[id] / temperature)).toArray();
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(weight -> weight / sum).toArray();
    }

    private static Set<Integer> seen(float[] row, SamplingRule rule) {
        var seen = new HashSet<Integer>();
        var counts = counts(row, rule);
        IntStream.range(0, row.length).filter(id -> counts[id] > 0).forEach(seen::add);
        return seen;
    }

    private static int[] counts(float[] row, SamplingRule rule) {
        var counts = new int[row.length];
        var sampler = new Sampler(row.length);
        for (int position = 0; position < DRAWS; position++) {
            counts[sampler.choose(row, rule, 0, position).orElseThrow()]++;
        }
        return counts;
    }
}
