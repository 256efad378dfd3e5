package sightline.language.model;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sightline.language.kv.KvChange;
import sightline.language.schedule.SequenceId;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.torch.Device;
import sightline.torch.Linears;
import sightline.torch.RowFunction;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.Tile;
import sightline.torch.Torch;
import sightline.torch.WeightClass;

/**
 * Times of whole steps beside those of their linears alone, on a checkpoint of any size. Nothing is asserted: the figures
 * are for people. Every kind of step is taken in turn, so that all meet the same moods of the machine.
 */
@EnabledIfSystemProperty(named = "sightline.checkpoint", matches = ".+")
class StepTimesTest {
    private static final int PROMPT = 606;
    private static final int STREAMS = 8;
    private static final int ROUNDS = 12;

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "INT8"})
    void steps(WeightClass weights) throws ModelProblem {
        var directory = ModelDirectory.open(Path.of(System.getProperty("sightline.checkpoint")),
                ModelDirectory.Options.NONE);
        var options = new DecoderModel.Options(Linears.packed(weights), 1024, 4, 2);
        var model = DecoderModel.load(directory, Torch.start(Device.cpu(), 2), options, _ -> {});
        try (var runner = model.runner()) {
            IntStream.range(0, STREAMS + 1).forEach(i -> runner.change(new KvChange.Reserve(new SequenceId(i), 16)));
            IntStream.range(0, STREAMS).forEach(i -> runner.run(Batch.ofPrompt(span(i, 0, PROMPT))));
            var alone = new Times(weights + " linears alone, 8 rows", () -> linears(model.runner()));
            var one = new Times(weights + " step of 1 stream", () -> runner.run(Batch.ofTokens(rows(1))));
            var eight = new Times(weights + " step of 8 streams", () -> runner.run(Batch.ofTokens(rows(STREAMS))));
            var tile = new Times(weights + " 1 prompt tile", () -> runner.run(Batch.ofPrompt(span(STREAMS, 320, 352))));
            var four = new Times(weights + " 4 prompt tiles",
                    () -> runner.run(Batch.ofPrompt(span(STREAMS, 320, 448))));
            var mixed = new Times(weights + " 8 streams and 1 prompt tile",
                    () -> runner.run(new Batch(rows(STREAMS), List.of(span(STREAMS, 320, 352)))));
            var all = List.of(alone, one, eight, tile, four, mixed);
            IntStream.range(0, ROUNDS).forEach(_ -> all.forEach(Times::take));
            all.forEach(times -> times.print(alone));
        }
    }

    /** One kind of step, and how long it took. */
    private static final class Times {
        private final String what;
        private final Runnable step;
        private final long[] nanos = new long[ROUNDS];
        private int taken;

        private Times(String what, Runnable step) {
            this.what = what;
            this.step = step;
        }

        private void take() {
            long begun = System.nanoTime();
            step.run();
            nanos[taken++] = System.nanoTime() - begun;
        }

        private double median() {
            return Arrays.stream(nanos).sorted().skip(ROUNDS / 2).findFirst().orElseThrow() / 1e6;
        }

        private void print(Times beside) {
            System.out.printf(Locale.ROOT, "%-40s median %8.1f ms, best %8.1f ms, %.2f of the linears%n", what,
                    median(),
                    Arrays.stream(nanos).min().orElseThrow() / 1e6, median() / beside.median());
        }
    }

    private static void linears(DecoderRunner runner) {
        runner.rowFunctions().forEach(StepTimesTest::onEightRows);
    }

    private static void onEightRows(RowFunction function) {
        try (TensorScope _ = TensorScope.open()) {
            var x = Tensor.zeros(function.dtype(), 8, function.width()).fillInPlace(0.5);
            function.apply(x, Tile.separate(8));
        }
    }

    private static List<DecodeRow> rows(int streams) {
        return IntStream.range(0, streams).mapToObj(i -> new DecodeRow(new SequenceId(i), 100 + i, PROMPT)).toList();
    }

    private static PromptSpan span(int sequence, int from, int to) {
        var ids = IntStream.range(0, PROMPT).map(i -> 7 * i % 997).boxed().toList();
        return new PromptSpan(new SequenceId(sequence), new Prompt(ids, List.of()), from, to);
    }
}
