package sightline.language.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.wire.Choices;

class AdjusterTest {
    private static final int DRAWS = 20_000;
    private static final float[] ROW = {0.3f, -1.2f, 2.0f, 0.3f, -0.5f, 1.1f, -3f, 0f};
    private static final List<Integer> PROMPT = List.of(2, 1, 2, 900);
    private static final List<Integer> ANSWER = List.of(6, 7, 6, 5);
    private static final Allowed ALLOWED = new Allowed.All();
    private static final Adjustment ALL = new Adjustment(1.4, 0.5, -0.3, Map.of(0, 1.5, 4, -0.25));

    @Test
    void repetitionIsThatOfTransformers() {
        // RepetitionPenaltyLogitsProcessor of transformers 4.57.6 with the ids 2, 1, 2, 6, 7.
        assertThat(repetition(1.3)).containsExactly(
                new float[]{0.3f, -1.56f, 1.5384616f, 0.3f, -0.5f, 1.1f, -3.8999999f, 0}, within(1e-6f));
        assertThat(repetition(0.7)).containsExactly(
                new float[]{0.3f, -0.84000003f, 2.857143f, 0.3f, -0.5f, 1.1f, -2.1f, 0}, within(1e-6f));
    }

    private static float[] repetition(double penalty) {
        var rule = new Adjustment(penalty, 0, 0, Map.of());
        return new Adjuster(ROW.length).apply(ROW, rule, PROMPT, List.of(6, 7), ALLOWED);
    }

    @Test
    void theBiasComesBeforeThePenaltiesAndOnlyTheAnswerCountsForTheLastTwo() {
        var rule = new Adjustment(2, 0.5, 0.25, Map.of(2, -4.0));
        var adjusted = new Adjuster(ROW.length).apply(ROW, rule, PROMPT, ANSWER, ALLOWED);
        assertThat(adjusted[2]).as("negative once biased, in the prompt alone").isEqualTo(-4);
        assertThat(adjusted[6]).as("twice in the answer").isEqualTo(-7);
        assertThat(adjusted[3]).as("nowhere").isEqualTo(0.3f);
    }

    @Test
    void earlierRowsLeaveNoTrace() {
        var used = new Adjuster(ROW.length);
        used.apply(ROW, ALL, List.of(0, 3), List.of(4, 4, 4), ALLOWED);
        assertThat(used.apply(ROW, ALL, PROMPT, ANSWER, ALLOWED).clone())
                .isEqualTo(new Adjuster(ROW.length).apply(ROW, ALL, PROMPT, ANSWER, ALLOWED));
    }

    @Test
    void aBrokenLogitStaysBrokenAndAFiniteOneFinite() {
        var rule = new Adjustment(Double.MIN_VALUE, 0, 0, Map.of(1, 5.0));
        var row = new float[]{1, Float.NaN, Float.POSITIVE_INFINITY, -1};
        assertThat(new Adjuster(4).apply(row, rule, List.of(0, 1, 2, 3), List.of(), ALLOWED))
                .containsExactly(Float.MAX_VALUE, Float.NaN, Float.POSITIVE_INFINITY, -0f);
    }

    @Test
    void aBarredTokenHasNoWeightUnlessItIsBroken() {
        var row = new float[]{1, 5, Float.NaN, -1};
        var rule = new Adjustment(1, 0, 0, Map.of(1, 100.0));
        assertThat(new Adjuster(4).apply(row, rule, List.of(), List.of(), new Allowed.AllBut(Set.of(1, 2))))
                .containsExactly(1, Float.NEGATIVE_INFINITY, Float.NaN, -1);
    }

    @Test
    void choicesAreDrawnByTheirShareOfWhatIsAllowed() {
        var rule = new SamplingRule.Seeded(1, 0, 1, 0, 5);
        var constraint = TokenConstraint.oneOf(new Choices(List.of(List.of(0, 1), List.of(2), List.of(5, 0))),
                Set.of());
        var sampler = new Sampler(ROW.length);
        var adjuster = new Adjuster(ROW.length);
        var counts = new int[ROW.length];
        for (int i = 0; i < DRAWS; i++) {
            var row = adjuster.apply(ROW, Adjustment.NONE, PROMPT, List.of(), constraint.after(List.of()));
            counts[sampler.choose(row, rule, i, 0).orElseThrow()]++;
        }
        double all = Math.exp(ROW[0]) + Math.exp(ROW[2]) + Math.exp(ROW[5]);
        double chiSquare = 0;
        for (int id : new int[]{0, 2, 5}) {
            double expected = DRAWS * Math.exp(ROW[id]) / all;
            chiSquare += Math.pow(counts[id] - expected, 2) / expected;
        }
        assertThat(counts[0] + counts[2] + counts[5]).isEqualTo(DRAWS);
        assertThat(chiSquare).as("99.9 % quantile for two degrees of freedom").isLessThan(13.82);
    }

    static Stream<Arguments> settings() {
        return Stream.of(setting(0.7, 0, 1, 0, Adjustment.NONE), setting(1, 4, 1, 0, Adjustment.NONE),
                setting(1, 0, 0.8, 0, Adjustment.NONE), setting(1, 0, 1, 0.15, Adjustment.NONE),
                setting(1, 0, 1, 0, new Adjustment(1.4, 0, 0, Map.of())),
                setting(1, 0, 1, 0, new Adjustment(1, 0.8, 0, Map.of())),
                setting(1, 0, 1, 0, new Adjustment(1, 0, -0.8, Map.of())),
                setting(1, 0, 1, 0, new Adjustment(1, 0, 0, Map.of(6, 4.0, 2, -2.0))), setting(1.5, 0, 1, 0, ALL),
                setting(0.8, 6, 0.9, 0.1, ALL));
    }

    private static Arguments setting(double temperature, int topK, double topP, double minP, Adjustment adjustment) {
        return Arguments.of(new SamplingRule.Seeded(temperature, topK, topP, minP, 77), adjustment);
    }

    @ParameterizedTest
    @MethodSource("settings")
    void frequenciesPassChiSquare(SamplingRule.Seeded rule, Adjustment adjustment) {
        double[] expected = exact(rule, adjustment);
        var counts = new int[ROW.length];
        var sampler = new Sampler(ROW.length);
        var adjuster = new Adjuster(ROW.length);
        for (int position = 0; position < DRAWS; position++) {
            var row = adjuster.apply(ROW, adjustment, PROMPT, ANSWER, ALLOWED);
            counts[sampler.choose(row, rule, 0, position).orElseThrow()]++;
        }
        double chiSquare = 0;
        for (int id = 0; id < ROW.length; id++) {
            if (expected[id] == 0) {
                assertThat(counts[id]).as("cut: " + id).isZero();
            } else {
                chiSquare += Math.pow(counts[id] - DRAWS * expected[id], 2) / (DRAWS * expected[id]);
            }
        }
        // The 99.9 % quantile for as many degrees of freedom as ids are left, less one.
        double[] quantiles = {0, 10.83, 13.82, 16.27, 18.47, 20.52, 22.46, 24.32};
        int left = (int) Arrays.stream(expected).filter(p -> p > 0).count();
        assertThat(left).isGreaterThan(1);
        assertThat(chiSquare).isLessThan(quantiles[left - 1]);
    }

    /** The distribution by the contract's words, step by step. */
    private static double[] exact(SamplingRule.Seeded rule, Adjustment adjustment) {
        double[] weights = IntStream.range(0, ROW.length)
                .mapToDouble(id -> Math.exp(adjusted(id, adjustment) / rule.temperature()))
                .toArray();
        var order = IntStream.range(0, ROW.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer id) -> -weights[id]).thenComparingInt(id -> id))
                .limit(rule.topK() == 0 ? ROW.length : rule.topK())
                .toList();
        double total = order.stream().mapToDouble(id -> weights[id]).sum();
        var kept = new double[ROW.length];
        double sum = 0;
        for (int id : order) {
            if (sum < rule.topP() * total && weights[id] >= rule.minP() * weights[order.getFirst()]) {
                kept[id] = weights[id];
            }
            sum += weights[id];
        }
        double left = Arrays.stream(kept).sum();
        return Arrays.stream(kept).map(weight -> weight / left).toArray();
    }

    private static double adjusted(int id, Adjustment rule) {
        double logit = ROW[id] + rule.bias().getOrDefault(id, 0.0);
        long times = ANSWER.stream().filter(other -> other == id).count();
        if (times > 0 || PROMPT.contains(id)) {
            logit = logit > 0 ? logit / rule.repetition() : logit * rule.repetition();
        }
        return logit - times * rule.frequency() - (times > 0 ? rule.presence() : 0);
    }
}
