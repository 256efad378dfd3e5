package sightline.language.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import sightline.language.kv.KvShape;
import sightline.language.kv.KvStore;
import sightline.language.schedule.SequenceId;
import sightline.language.schedule.Step;
import sightline.torch.Fingerprint;
import sightline.torch.RowFunction;
import sightline.torch.SelfTest;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.Torch;

/**
 * Proves on the real weights that a token's logits depend on its sequence alone, and how many tiles may share a call:
 * first each kind of linear, norm and activation by itself, then a short forward pass through the whole model.
 */
final class DecoderSelfTest {
    // Of the probe: whole tiles and a part of one, and tokens enough to read the rows just written.
    private static final int PROMPT_TOKENS = 75;
    private static final int DECODE_STEPS = 2;

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
        var prefill = SelfTest.run(rowFunctions().toList(), asked.prefill());
        var decode = SelfTest.run(Stream.concat(rowFunctions(), Stream.of(decoder.head())).toList(), asked.decode());
        var tiles = new Tiles(prefill.allowed(asked.prefill()), decode.allowed(asked.decode()));
        var reasons = new ArrayList<>(prefill.and(decode).reasons());
        var alone = probe(tiles.separate(), 0);
        boolean strict = prefill.strict() && decode.strict();
        if (!sameBits(alone, probe(tiles, tiles.decode().rows() * tiles.decode().joined() - 1))) {
            reasons.add("probe: logits depend on neighbours or on joined tiles");
            tiles = tiles.separate();
            strict &= sameBits(alone, probe(tiles, tiles.decode().rows() - 1));
        }
        return new Outcome(tiles,
                new Proof(strict ? Optional.of(fingerprint(torch, alone)) : Optional.empty(), reasons));
    }

    private Stream<RowFunction> rowFunctions() {
        return Stream.concat(Stream.of(decoder.normFunction()),
                decoder.layers().stream().flatMap(layer -> layer.rowFunctions().stream()));
    }

    /** Logits of a fixed sequence, whose generated rows stand behind this many rows of another sequence. */
    private List<float[]> probe(Tiles tiles, int neighbours) {
        try (var store = new KvStore(kvShape)) {
            var runner = new DecoderRunner(decoder, tiles, store);
            var random = new Random(SEED);
            var seen = new ArrayList<float[]>();
            seen.add(prompt(runner, PROBE, random).clone());
            prompt(runner, NEIGHBOUR, random);
            for (int i = 0; i < DECODE_STEPS; i++) {
                int position = PROMPT_TOKENS + i;
                var other = new DecodeRow(NEIGHBOUR, token(random), position);
                var own = new DecodeRow(PROBE, token(random), position);
                var rows = Stream.concat(Stream.generate(() -> other).limit(neighbours), Stream.of(own)).toList();
                seen.add(runner.decode(rows).getLast().clone());
            }
            return seen;
        }
    }

    private float[] prompt(DecoderRunner runner, SequenceId id, Random random) {
        var ids = IntStream.generate(() -> token(random)).limit(PROMPT_TOKENS).boxed().toList();
        runner.reserve(id, Math.ceilDiv(POSITIONS, KvShape.BLOCK_POSITIONS));
        return runner.finishPrompt(new Step.Prefill(id, 0, PROMPT_TOKENS, true), new Prompt(ids, List.of()));
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
