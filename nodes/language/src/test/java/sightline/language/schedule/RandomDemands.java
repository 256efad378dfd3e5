package sightline.language.schedule;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import sightline.language.schedule.Demand.PromptShape;

/** Requests of many sizes, among which some begin alike. */
final class RandomDemands {
    static final int BLOCK = 64;
    private static final int MOST_PROMPT = 500;
    private static final int MOST_NEW = 300;
    private static final int DIFFERENT_BLOCKS = 3;

    private final Random random;
    private long lastId;

    RandomDemands(Random random) {
        this.random = random;
    }

    Demand next(long nowNanos) {
        int tokens = 1 + random.nextInt(MOST_PROMPT);
        var shape = new PromptShape(tokens, random.nextBoolean() ? 0 : random.nextInt(tokens), blocks(tokens));
        int answered = random.nextInt(4) == 0 ? random.nextInt(MOST_NEW) : 0;
        return new Demand(new SequenceId(++lastId), shape, answered, answered + 1 + random.nextInt(MOST_NEW), nowNanos,
                random.nextInt(3) - 1, nowNanos + random.nextLong(20_000_000_000L), 1 + random.nextInt(200),
                random.nextInt(6) == 0);
    }

    SequenceId anyId() {
        return new SequenceId(1 + random.nextLong(Math.max(1, lastId)));
    }

    private List<PromptBlock> blocks(int tokens) {
        var blocks = new ArrayList<PromptBlock>();
        for (int i = 0; i < (tokens - 1) / BLOCK; i++) {
            blocks.add(new PromptBlock(Collections.nCopies(BLOCK, random.nextInt(DIFFERENT_BLOCKS)), List.of()));
        }
        return blocks;
    }
}
