package sightline.language.schedule;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import sightline.language.schedule.Demand.ImageSpan;
import sightline.language.schedule.Demand.PromptShape;

/** Requests of many sizes, among which some begin alike. */
final class RandomDemands {
    static final int BLOCK = 64;
    private static final int MOST_NEW = 300;
    private static final int MOST_IMAGES = 3;
    private static final int DIFFERENT_BLOCKS = 3;
    private static final long LONG_NANOS = 1_000_000_000_000L;

    private final Random random;
    private final Kind kind;
    private long lastId;

    RandomDemands(Random random, Kind kind) {
        this.random = random;
        this.kind = kind;
    }

    /** What they are like. */
    enum Kind {
        /** All sorts of prompts, of clients that leave, lose patience or read slowly. */
        VARIED(500, 60),
        /** Short prompts whose answers are read to the end, so that there are soon too few blocks. */
        GROWING(60, 1000);

        private final int mostPrompt;
        private final int tokens;

        Kind(int mostPrompt, int tokens) {
            this.mostPrompt = mostPrompt;
            this.tokens = tokens;
        }

        /** Whether a token ends its answer, one out of many. */
        boolean endsAnswer(Random random) {
            return random.nextInt(tokens) == 0;
        }

        /** What the largest one needs. */
        int mostBlocks() {
            return Math.ceilDiv(mostPrompt + 2 * MOST_NEW, BLOCK);
        }
    }

    Demand next(long nowNanos) {
        int tokens = 1 + random.nextInt(kind.mostPrompt);
        var shape = new PromptShape(tokens, random.nextBoolean() ? List.of() : images(tokens), blocks(tokens));
        int answered = random.nextInt(4) == 0 ? random.nextInt(MOST_NEW) : 0;
        var tenant = "tenant-" + random.nextInt(3);
        return new Demand(new SequenceId(++lastId), tenant, shape, answered, answered + 1 + random.nextInt(MOST_NEW),
                nowNanos,
                random.nextInt(3) - 1, nowNanos + patience(), 1 + random.nextInt(kind == Kind.GROWING ? MOST_NEW : 200),
                random.nextInt(6) == 0);
    }

    private long patience() {
        return kind == Kind.GROWING ? LONG_NANOS : random.nextLong(20_000_000_000L);
    }

    SequenceId anyId() {
        return new SequenceId(1 + random.nextLong(Math.max(1, lastId)));
    }

    private List<ImageSpan> images(int tokens) {
        var images = new ArrayList<ImageSpan>();
        int free = 0;
        while (free < tokens && images.size() < MOST_IMAGES) {
            int from = free + random.nextInt(tokens - free);
            int to = from + 1 + random.nextInt(tokens - from);
            images.add(new ImageSpan(from, to, true));
            free = to;
        }
        return images;
    }

    /** As it is before the tickets of its images from a certain one on have come. */
    PromptShape withoutLateOnes(PromptShape whole) {
        int late = random.nextInt(whole.images().size() + 1);
        if (late == whole.images().size()) {
            return whole;
        }
        var images = IntStream.range(0, whole.images().size()).mapToObj(i -> {
            var image = whole.images().get(i);
            return new ImageSpan(image.from(), image.to(), i < late);
        }).toList();
        int blocks = Math.min(whole.blocks().size(), images.get(late).from() / BLOCK);
        return new PromptShape(whole.tokens(), images, whole.blocks().subList(0, blocks));
    }

    private List<PromptBlock> blocks(int tokens) {
        var blocks = new ArrayList<PromptBlock>();
        for (int i = 0; i < (tokens - 1) / BLOCK; i++) {
            blocks.add(new PromptBlock(Collections.nCopies(BLOCK, random.nextInt(DIFFERENT_BLOCKS)), List.of()));
        }
        return blocks;
    }
}
