package sightline.language.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import sightline.language.kv.KvChange;
import sightline.language.kv.KvShape;
import sightline.language.kv.KvStore;
import sightline.language.schedule.SequenceId;
import sightline.torch.Fingerprint;
import sightline.torch.RowFunction;
import sightline.torch.SelfTest;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.Tile;
import sightline.torch.Torch;

/**
 * Proves on the real weights that a token's logits depend on its sequence alone, and how many tiles may share a call:
 * first each kind of linear, norm and activation by itself, then a short forward pass through the whole model.
 */
final class DecoderSelfTest {
    // Of the probe: a whole tile and a part of one, and tokens enough to read the rows just written.
    private static final int PROMPT_TOKENS = 43;
    private static final int DECODE_STEPS = 2;
    private static final int NEIGHBOURS = 11;

    /** Positions that the test asks for, padding left out. */
    static final int POSITIONS = PROMPT_TOKENS + DECODE_STEPS;

    private static final int SEED = 2048;
    private static final SequenceId PROBE = new SequenceId(-1);
    private static final SequenceId NEIGHBOUR = new SequenceId(-2);

    private final Decoder decoder;
    private final KvShape kvShape;
    private final Tiles asked;

    DecoderSelfTest(Decoder decoder, KvShape kvShape, Tiles asked) {
        this.decoder = decoder;
        this.kvShape = kvShape;
        this.asked = asked;
    }

    /**
     * What the model may do from now on.
     *
     * @param tiles as asked for where the functions and the whole model prove it, else tile by tile
     */
    record Outcome(Tiles tiles, Proof proof) {}

    Outcome run(Torch torch) {
        var layers = SelfTest.run(rowFunctions().toList(),
                new Tile(asked.tokenRows(), Math.ceilDiv(asked.passRows(), asked.tokenRows())));
        var head = SelfTest.run(List.of(decoder.head()), asked.head());
        var found = layers.and(head);
        var tiles = found.joinable() ? asked : asked.separate();
        if (!found.joinable()) {
            found = found.and(SelfTest.run(rowFunctions().toList(), Tile.separate(asked.promptRows())));
        }
        var reasons = new ArrayList<>(found.reasons());
        boolean strict = found.strict();
        var alone = probe(asked.separate(), 0);
        if (!sameBits(alone, probe(tiles, NEIGHBOURS))) {
            reasons.add("probe: logits depend on neighbours or on joined tiles");
            tiles = asked.separate();
            strict &= sameBits(alone, probe(tiles, NEIGHBOURS));
        }
        return new Outcome(tiles,
                new Proof(strict ? Optional.of(fingerprint(torch, alone)) : Optional.empty(), reasons));
    }

    private Stream<RowFunction> rowFunctions() {
        return Stream.concat(Stream.of(decoder.normFunction()),
                decoder.layers().stream().flatMap(layer -> layer.rowFunctions().stream()));
    }

    /**
     * Logits of a fixed sequence, whose generated rows stand behind this many rows of another sequence, and the first of
     * them beside a prompt, if there are any.
     */
    private List<float[]> probe(Tiles tiles, int neighbours) {
        try (var store = new KvStore(kvShape)) {
            var runner = new DecoderRunner(decoder, tiles, store);
            var random = new Random(SEED);
            var seen = new ArrayList<float[]>();
            var own = prompt(runner, PROBE, random);
            var other = prompt(runner, NEIGHBOUR, random);
            seen.add(runner.run(Batch.ofPrompt(own)).getFirst().clone());
            if (neighbours > 0) {
                runner.run(Batch.ofPrompt(other));
            }
            for (int i = 0; i < DECODE_STEPS; i++) {
                int position = PROMPT_TOKENS + i;
                var beside = new DecodeRow(NEIGHBOUR, token(random), position);
                var row = new DecodeRow(PROBE, token(random), position);
                var rows = Stream.concat(Stream.generate(() -> beside).limit(neighbours), Stream.of(row)).toList();
                var prompts = neighbours == 0 || i > 0 ? List.<PromptSpan>of() : List.of(other);
                seen.add(runner.run(new Batch(rows, prompts)).get(neighbours).clone());
            }
            return seen;
        }
    }

    private PromptSpan prompt(DecoderRunner runner, SequenceId id, Random random) {
        var ids = IntStream.generate(() -> token(random)).limit(PROMPT_TOKENS).boxed().toList();
        runner.change(new KvChange.Reserve(id, Math.ceilDiv(POSITIONS, KvShape.BLOCK_POSITIONS)));
        return new PromptSpan(id, new Prompt(ids, List.of()), 0, PROMPT_TOKENS);
    }

    private int token(Random random) {
        return random.nextInt(decoder.head().out());
    }

    private Fingerprint fingerprint(Torch torch, List<float[]> probes) {
        try (TensorScope _ = TensorScope.open()) {
            return Fingerprint.of(decoder.compute(), torch,
                    probes.stream().map(logits -> Tensor.of(logits, logits.length)).toList());
        }
    }

    private static boolean sameBits(List<float[]> one, List<float[]> other) {
        return IntStream.range(0, one.size()).allMatch(i -> Arrays.equals(one.get(i), other.get(i)));
    }
}
