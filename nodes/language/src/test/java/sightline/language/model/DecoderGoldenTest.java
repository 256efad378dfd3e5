package sightline.language.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.language.kv.KvChange;
import sightline.language.kv.KvShape;
import sightline.language.kv.KvStore;
import sightline.language.sample.Sampler;
import sightline.language.sample.SamplingRule;
import sightline.language.schedule.SequenceId;
import sightline.model.ModelProblem;
import sightline.model.StagePart;
import sightline.torch.Attention;
import sightline.torch.DType;
import sightline.torch.Device;
import sightline.torch.Kernels;
import sightline.torch.Linears;
import sightline.torch.SelfTest;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.Torch;
import sightline.torch.WeightClass;

/** Float32 against transformers 4.57.6: every layer's output, the logits of prompt and steps, and the greedy ids. */
class DecoderGoldenTest {
    private static final double TOLERANCE = 1e-4;
    private static final double NEAR_TIE = 1e-3;
    private static final SequenceId ID = new SequenceId(1);
    private static final Tiles TILES = Tiles.joined(32, 2, 8, 1);

    static Stream<Arguments> cases() {
        return GoldenCase.names()
                .stream()
                .flatMap(name -> Stream.of(Kernels.values()).map(kernels -> Arguments.of(name, kernels)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyLayerGivesWhatTransformersGives(String name, Kernels kernels) throws ModelProblem {
        var golden = GoldenCase.open(name);
        try (var vocabulary = vocabulary(golden, kernels); var layers = layers(golden, kernels)) {
            for (int i = 0; i < golden.prompts(); i++) {
                compareLayers(golden, vocabulary, layers, i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void logitsAndGreedyIdsAreThoseOfTransformers(String name, Kernels kernels) throws ModelProblem {
        var golden = GoldenCase.open(name);
        try (var runner = runner(golden, kernels)) {
            for (int i = 0; i < golden.prompts(); i++) {
                runner.change(new KvChange.Reserve(ID, 64));
                compareLogits(golden, runner, "case_" + i + ".", golden.prompt(i));
                runner.change(new KvChange.Release(ID));
            }
        }
    }

    private static void compareLayers(GoldenCase golden, Vocabulary vocabulary, LayerStack decoder, int number) {
        var prompt = golden.prompt(number);
        var label = "case_" + number + ".hidden_";
        try (var store = new KvStore(kvShape(golden)); var _ = TensorScope.open()) {
            store.change(new KvChange.Reserve(ID, 64));
            int padded = Math.ceilDiv(prompt.length(), TILES.promptRows()) * TILES.promptRows();
            var tile = new PromptTile(store.of(ID), 0, prompt.length(), Attention.causalMask(DType.FLOAT32, padded));
            var rows = decoder.rows(List.of(tile));
            Tensor hidden = vocabulary.embedded(Batch.ofPrompt(new PromptSpan(ID, prompt, 0, prompt.length())))
                    .padRows(padded);
            for (int layer = 0; layer < decoder.layers().size(); layer++) {
                hidden = decoder.layers().get(layer).forward(hidden, rows);
                requireClose(label + layer, firstRows(hidden, prompt), golden.floats(label + layer));
            }
            var last = label + decoder.layers().size();
            requireClose(last, firstRows(vocabulary.normFunction(DType.FLOAT32).apply(hidden, rows.tile()), prompt),
                    golden.floats(last));
        }
    }

    private static void compareLogits(GoldenCase golden, DecoderRunner runner, String label, Prompt prompt) {
        var greedy = golden.ints(label + "greedy_ids");
        float[] logits = readPrompt(runner, prompt);
        requireClose(label + "prompt", logits, golden.floats(label + "prompt_logits_last"));
        for (int step = 0; step < greedy.size(); step++) {
            requireSameChoice(label + step, logits, greedy.get(step));
            if (step + 1 < greedy.size()) {
                var row = new DecodeRow(ID, greedy.get(step), prompt.length() + step);
                logits = runner.run(Batch.ofTokens(List.of(row))).getFirst();
                requireClose(label + step, logits, golden.row(label + "decode_logits", step));
            }
        }
    }

    /** In steps of two tiles, as the scheduler would have it. */
    private static float[] readPrompt(DecoderRunner runner, Prompt prompt) {
        Optional<float[]> logits = Optional.empty();
        for (int from = 0; from < prompt.length(); from += 64) {
            int to = Math.min(prompt.length(), from + 64);
            logits = runner.run(Batch.ofPrompt(new PromptSpan(ID, prompt, from, to))).stream().findFirst();
        }
        return logits.orElseThrow();
    }

    private static void requireSameChoice(String label, float[] logits, int expected) {
        int chosen = new Sampler(logits.length).choose(logits, new SamplingRule.Greedy(), 0, 0).orElseThrow();
        boolean nearTie = Math.abs(logits[chosen] - logits[expected]) < NEAR_TIE;
        assertThat(chosen == expected || nearTie).as("%s: chose %s, not %s", label, chosen, expected).isTrue();
    }

    private static void requireClose(String label, float[] got, float[] expected) {
        assertThat(got).as(label).hasSameSizeAs(expected);
        double largest = IntStream.range(0, got.length).mapToDouble(i -> Math.abs(expected[i])).max().orElseThrow();
        double error = IntStream.range(0, got.length)
                .mapToDouble(i -> Math.abs(got[i] - expected[i]))
                .max()
                .orElseThrow();
        assertThat(error).as("%s: largest error, of %s", label, largest).isLessThanOrEqualTo(TOLERANCE * largest);
    }

    private static float[] firstRows(Tensor hidden, Prompt prompt) {
        return hidden.narrow(0, 0, prompt.length()).toFloats();
    }

    private static DecoderRunner runner(GoldenCase golden, Kernels kernels) throws ModelProblem {
        var layers = layers(golden, kernels);
        int hidden = golden.model().config().text().hidden();
        var stage = new Stage(layers, new KvStore(kvShape(golden)), TILES, hidden,
                new StageSizes(hidden * layers.compute().bytes(), 64 * KvShape.BLOCK_POSITIONS, 64),
                new StageProof(new SelfTest.Result(true, true, List.of()), 64));
        var runner = new DecoderRunner(vocabulary(golden, kernels), stage);
        runner.join(true);
        return runner;
    }

    private static LayerStack layers(GoldenCase golden, Kernels kernels) throws ModelProblem {
        return weights(golden, kernels).layers(LayerRange.whole(golden.model().config().text().layers()), 64 * 64,
                _ -> {});
    }

    private static Vocabulary vocabulary(GoldenCase golden, Kernels kernels) throws ModelProblem {
        return weights(golden, kernels).vocabulary();
    }

    private static DecoderWeights weights(GoldenCase golden, Kernels kernels) {
        Torch.start(Device.cpu(), 2);
        var linears = new Linears(WeightClass.FLOAT32, kernels, Optional.empty());
        return new DecoderWeights(golden.model().weights(StagePart.LANGUAGE), golden.model().config().text(), linears,
                linears);
    }

    private static KvShape kvShape(GoldenCase golden) {
        var text = golden.model().config().text();
        return new KvShape(text.layers(), text.kvHeads(), text.headDim(), DType.FLOAT32);
    }
}
