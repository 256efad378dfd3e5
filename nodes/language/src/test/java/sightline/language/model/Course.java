package sightline.language.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import sightline.language.kv.KvChange;
import sightline.language.schedule.SequenceId;
import sightline.model.ModelDirectory;

/** What a model is put through to be compared with another: all kinds of batches and of changes. */
public final class Course {
    private static final SequenceId ONE = new SequenceId(1);
    private static final SequenceId OTHER = new SequenceId(2);

    private Course() {}

    /** The same things in the same order: a picture and a text read and answered side by side, blocks kept and recalled. */
    public static List<float[]> run(ModelRunner runner, GoldenCase golden) {
        var rows = new ArrayList<float[]>();
        try (runner) {
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

    /** Fails unless both have the same bits in every row. */
    public static void requireSame(List<float[]> got, List<float[]> expected) {
        assertThat(got).hasSameSizeAs(expected);
        assertThat(IntStream.range(0, got.size()).filter(i -> !Arrays.equals(got.get(i), expected.get(i))))
                .as("rows that differ")
                .isEmpty();
    }
}
