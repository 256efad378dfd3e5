package sightline.language.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sightline.language.kv.KvChange;
import sightline.language.schedule.SequenceId;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.torch.Device;
import sightline.torch.Linears;
import sightline.torch.Torch;
import sightline.torch.WeightClass;

/** A model that is split into stages gives the bits of the whole one. */
class StagesTest {
    private static final int KV_BLOCKS = 64;
    private static final SequenceId ONE = new SequenceId(1);
    private static final SequenceId OTHER = new SequenceId(2);

    @ParameterizedTest
    @CsvSource({"demo, FLOAT32", "demo, BFLOAT16", "demo, INT8", "gemma-mqa, BFLOAT16", "llama-gqa, FLOAT32",
        "llama-gqa, BFLOAT16", "llama-gqa, INT8", "phi, FLOAT32", "phi, BFLOAT16", "phi, INT8"})
    void logitsAndFingerprintAreThoseOfTheWhole(String name, WeightClass weights) throws ModelProblem {
        var torch = Torch.start(Device.cpu(), 2);
        Assumptions.assumeTrue(torch.supports(weights), weights + " is refused on this CPU");
        var golden = GoldenCase.open(name);
        var whole = DecoderModel.load(golden.model(), torch, options(weights), _ -> {});
        var print = whole.proof().fingerprint();
        var expected = course(whole, golden);
        assertThat(print).isPresent();
        int layers = golden.model().config().text().layers();
        for (int stages = 2; stages <= Math.min(3, layers); stages++) {
            var split = split(golden.model(), torch, options(weights), LayerRange.even(layers, stages));
            assertThat(split.proof().fingerprint()).as("%s stages", stages).isEqualTo(print);
            assertThat(split.runner().depth()).isEqualTo(stages);
            assertSame(course(split, golden), expected, stages);
        }
    }

    @Test
    void aStageKeepsTheKeysAndValuesOfItsOwnLayersOnly() {
        var model = GoldenCase.open("demo").model();
        var compute = WeightClass.BFLOAT16.compute();
        int layers = model.config().text().layers();
        long whole = DecoderModel.kvShape(model, compute, LayerRange.whole(layers)).blockBytes();
        long parts = LayerRange.even(layers, 3)
                .stream()
                .mapToLong(range -> DecoderModel.kvShape(model, compute, range).blockBytes())
                .sum();
        assertThat(parts).isEqualTo(whole);
    }

    @Test
    void layersAreSplitEvenlyOrAsTold() {
        assertThat(LayerRange.even(18, 2)).extracting(LayerRange::count).containsExactly(9, 9);
        assertThat(LayerRange.even(18, 4)).extracting(LayerRange::count).containsExactly(5, 5, 4, 4);
        assertThat(LayerRange.sized(18, List.of(10, 8))).extracting(LayerRange::from).containsExactly(0, 10);
        assertThatThrownBy(() -> LayerRange.sized(18, List.of(10, 9))).hasMessageContaining("expected: 18 together");
        assertThatThrownBy(() -> LayerRange.sized(18, List.of(18, 0))).hasMessageContaining("at least one");
        assertThatThrownBy(() -> LayerRange.even(2, 3)).hasMessageContaining("expected: 1..2");
    }

    /** The same things in the same order: a picture and a text read and answered side by side, blocks kept and recalled. */
    private static List<float[]> course(DecoderModel model, GoldenCase golden) {
        var rows = new ArrayList<float[]>();
        try (var runner = model.runner()) {
            var picture = golden.prompt(0);
            var text = text(golden.model(), 150);
            runner.change(new KvChange.Reserve(ONE, 8));
            runner.change(new KvChange.Reserve(OTHER, 4));
            read(runner, ONE, picture, 0, rows);
            read(runner, OTHER, text, 0, rows);
            runner.change(new KvChange.Grow(OTHER, 6));
            decode(runner, picture, text, 0, rows);
            runner.change(new KvChange.Keep(OTHER, 0, 7));
            runner.change(new KvChange.Keep(OTHER, 1, 8));
            runner.change(new KvChange.Release(OTHER));
            runner.change(new KvChange.Reserve(OTHER, 4));
            runner.change(new KvChange.Recall(OTHER, List.of(7L, 8L)));
            read(runner, OTHER, text, 128, rows);
            decode(runner, picture, text, 4, rows);
            runner.change(new KvChange.Drop(7));
            runner.change(new KvChange.Drop(8));
        }
        return rows;
    }

    /** In steps of two tiles. */
    private static void read(ModelRunner runner, SequenceId id, Prompt prompt, int from, List<float[]> rows) {
        for (int first = from; first < prompt.length(); first += 64) {
            int to = Math.min(prompt.length(), first + 64);
            copy(runner.run(Batch.ofPrompt(new PromptSpan(id, prompt, first, to))), rows);
        }
    }

    /** Four steps of both. */
    private static void decode(ModelRunner runner, Prompt one, Prompt other, int from, List<float[]> rows) {
        for (int i = from; i < from + 4; i++) {
            copy(runner.run(Batch.ofTokens(List.of(new DecodeRow(ONE, 11 + i, one.length() + i),
                    new DecodeRow(OTHER, 31 + i, other.length() + i % 4)))), rows);
        }
    }

    private static void copy(List<float[]> from, List<float[]> to) {
        from.forEach(row -> to.add(row.clone()));
    }

    private static Prompt text(ModelDirectory model, int length) {
        var random = new Random(5);
        int vocabulary = model.config().text().vocab();
        return new Prompt(IntStream.generate(() -> random.nextInt(vocabulary)).limit(length).boxed().toList(),
                List.of());
    }

    private static DecoderModel split(ModelDirectory model, Torch torch, DecoderModel.Options options,
            List<LayerRange> ranges) throws ModelProblem {
        var further = new ArrayList<Stage>();
        for (var range : ranges.subList(1, ranges.size())) {
            further.add(Stage.load(model, torch, options, range, _ -> {}));
        }
        return HeadStage.load(model, torch, options, ranges.getFirst(), _ -> {}).link(new NearStages(further));
    }

    private static DecoderModel.Options options(WeightClass weights) {
        return new DecoderModel.Options(Linears.packed(weights), KV_BLOCKS, 2, 2);
    }

    private static void assertSame(List<float[]> got, List<float[]> expected, int stages) {
        assertThat(got).as("%s stages", stages).hasSameSizeAs(expected);
        assertThat(IntStream.range(0, got.size()).filter(i -> !Arrays.equals(got.get(i), expected.get(i))))
                .as("rows that differ at %s stages", stages)
                .isEmpty();
    }
}
