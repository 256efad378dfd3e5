package sightline.language.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import sightline.language.kv.KvChange;
import sightline.language.schedule.SequenceId;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.torch.Device;
import sightline.torch.Linears;
import sightline.torch.Torch;
import sightline.torch.WeightClass;

/** How far the logits of eight-bit weights turn away from those of bfloat16, on a checkpoint of any size. */
@EnabledIfSystemProperty(named = "sightline.checkpoint", matches = ".+")
class Int8BesideBfloat16Test {
    private static final int PROMPTS = 6;
    private static final int PROMPT_TOKENS = 80;
    private static final int ANSWER_TOKENS = 8;
    private static final double LEAST_COSINE = 0.99;

    /** Both read the same prompts and the same answers, whatever they themselves would say. */
    @Test
    void everyRowHasNearlyTheSameDirection() throws ModelProblem {
        var directory = ModelDirectory.open(Path.of(System.getProperty("sightline.checkpoint")),
                ModelDirectory.Options.NONE);
        var int8 = rows(directory, WeightClass.INT8);
        var bfloat16 = rows(directory, WeightClass.BFLOAT16);
        double[] cosines = IntStream.range(0, int8.size())
                .mapToDouble(i -> cosine(int8.get(i), bfloat16.get(i)))
                .sorted()
                .toArray();
        System.out.printf("logits of int8 beside bfloat16, %d rows: cosine least %.4f, median %.4f%n", cosines.length,
                cosines[0], cosines[cosines.length / 2]);
        assertThat(cosines[0]).isGreaterThanOrEqualTo(LEAST_COSINE);
    }

    private static List<float[]> rows(ModelDirectory directory, WeightClass weights) throws ModelProblem {
        var options = new DecoderModel.Options(Linears.packed(weights), 16, 4, 1);
        var model = DecoderModel.load(directory, Torch.start(Device.cpu(), 2), options, _ -> {});
        try (var runner = model.runner()) {
            var rows = new ArrayList<float[]>();
            var random = new Random(3);
            for (int i = 0; i < PROMPTS; i++) {
                var id = new SequenceId(i);
                runner.change(new KvChange.Reserve(id, 2));
                rows.addAll(rows(runner, id, ids(random, directory, PROMPT_TOKENS), ids(random, directory,
                        ANSWER_TOKENS)));
                runner.change(new KvChange.Release(id));
            }
            return rows;
        }
    }

    private static List<float[]> rows(ModelRunner runner, SequenceId id, List<Integer> prompt, List<Integer> answer) {
        var rows = new ArrayList<float[]>();
        var span = new PromptSpan(id, new Prompt(prompt, List.of()), 0, prompt.size());
        rows.add(runner.run(Batch.ofPrompt(span)).getFirst().clone());
        for (int i = 0; i < answer.size(); i++) {
            var row = new DecodeRow(id, answer.get(i), prompt.size() + i);
            rows.add(runner.run(Batch.ofTokens(List.of(row))).getFirst().clone());
        }
        return rows;
    }

    private static List<Integer> ids(Random random, ModelDirectory directory, int count) {
        return random.ints(count, 0, directory.config().text().vocab()).boxed().toList();
    }

    private static double cosine(float[] one, float[] other) {
        double product = 0;
        double ones = 0;
        double others = 0;
        for (int i = 0; i < one.length; i++) {
            product += (double) one[i] * other[i];
            ones += (double) one[i] * one[i];
            others += (double) other[i] * other[i];
        }
        return product / Math.sqrt(ones * others);
    }
}
