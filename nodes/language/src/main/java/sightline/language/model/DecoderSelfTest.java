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
import sightline.language.schedule.SequenceId;
import sightline.torch.DType;
import sightline.torch.Fingerprint;
import sightline.torch.SelfTest;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.Torch;

/**
 * Proves on the real weights that a token's logits depend on its sequence alone, and whether tiles may share a call, by
 * a short forward pass through the whole model, all stages of it; each kind of linear, norm and activation was tested by
 * itself before, where it was loaded.
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
    private static final SequenceId OTHER = new SequenceId(-2);
    private static final SequenceId CROWD = new SequenceId(-3);

    private final DecoderRunner runner;
    private final DType compute;

    /** @param runner linked to all stages, none of its blocks in use */
    DecoderSelfTest(DecoderRunner runner, DType compute) {
        this.runner = runner;
        this.compute = compute;
    }

    /**
     * Leaves the runner with tiles joined where the functions of all stages and the whole model prove it, else tile by
     * tile.
     *
     * @param found of the functions of all stages
     */
    Proof run(Torch torch, SelfTest.Result found) {
        var reasons = new ArrayList<>(found.reasons());
        boolean strict = found.strict();
        var alone = probe(false, 0);
        if (!sameBits(alone, probe(found.joinable(), NEIGHBOURS))) {
            reasons.add("probe: logits depend on neighbours or on joined tiles");
            strict &= sameBits(alone, probe(false, NEIGHBOURS));
        }
        return new Proof(strict ? Optional.of(fingerprint(torch, alone)) : Optional.empty(), reasons);
    }

    /**
     * Logits of a fixed sequence, whose generated rows stand behind this many rows of others, and the first of them beside
     * another prompt, if there are any.
     */
    private List<float[]> probe(boolean joined, int neighbours) {
        runner.join(joined);
        var random = new Random(SEED);
        var seen = new ArrayList<float[]>();
        var own = prompt(PROBE, random);
        var other = prompt(OTHER, random);
        seen.add(runner.run(Batch.ofPrompt(own)).getFirst().clone());
        runner.change(new KvChange.Reserve(CROWD, 1));
        for (int i = 0; i < DECODE_STEPS; i++) {
            var beside = new DecodeRow(CROWD, token(random), i);
            var row = new DecodeRow(PROBE, token(random), PROMPT_TOKENS + i);
            var rows = Stream.concat(Stream.generate(() -> beside).limit(neighbours), Stream.of(row)).toList();
            var prompts = neighbours == 0 || i > 0 ? List.<PromptSpan>of() : List.of(other);
            seen.add(runner.run(new Batch(rows, prompts)).get(neighbours).clone());
        }
        runner.change(new KvChange.Release(PROBE));
        runner.change(new KvChange.Release(OTHER));
        runner.change(new KvChange.Release(CROWD));
        return seen;
    }

    private PromptSpan prompt(SequenceId id, Random random) {
        var ids = IntStream.generate(() -> token(random)).limit(PROMPT_TOKENS).boxed().toList();
        runner.change(new KvChange.Reserve(id, Math.ceilDiv(POSITIONS, KvShape.BLOCK_POSITIONS)));
        return new PromptSpan(id, new Prompt(ids, List.of()), 0, PROMPT_TOKENS);
    }

    private int token(Random random) {
        return random.nextInt(runner.vocabulary().size());
    }

    private Fingerprint fingerprint(Torch torch, List<float[]> probes) {
        try (TensorScope _ = TensorScope.open()) {
            return Fingerprint.of(compute, torch,
                    probes.stream().map(logits -> Tensor.of(logits, logits.length)).toList());
        }
    }

    private static boolean sameBits(List<float[]> one, List<float[]> other) {
        return IntStream.range(0, one.size()).allMatch(i -> Arrays.equals(one.get(i), other.get(i)));
    }
}
