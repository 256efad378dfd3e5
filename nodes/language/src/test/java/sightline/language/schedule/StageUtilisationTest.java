package sightline.language.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sightline.language.schedule.Demand.PromptShape;

/**
 * How busy the stages of a model are that steps pass one after the other, in time that is counted instead of spent. Only
 * rows that are of use count as work; those that fill tiles up take time too.
 */
class StageUtilisationTest {
    private static final int STEPS = 1_500;

    /** What the clients ask for, each as soon as it has its answer. */
    enum Load {
        /** Answers that never end. */
        ANSWERS(20, 30, 1_000_000),
        /** Answers of all lengths behind long prompts. */
        PROMPTS_AND_ANSWERS(20, 700, 200);

        private final int leastPrompt;
        private final int mostPrompt;
        private final int mostNew;

        Load(int leastPrompt, int mostPrompt, int mostNew) {
            this.leastPrompt = leastPrompt;
            this.mostPrompt = mostPrompt;
            this.mostNew = mostNew;
        }
    }

    @Test
    void oneStreamIsWithOneStageAtATime() {
        assertThat(new Pipeline(4, 1, Load.ANSWERS).busy())
                .allSatisfy(busy -> assertThat(busy).isBetween(0.2, 0.25));
    }

    @ParameterizedTest
    @EnumSource
    void everyStageIsBusyWithAsManyStreamsOrMore(Load load) {
        for (int stages = 2; stages <= 4; stages++) {
            for (int streams : new int[]{4, 8, 16, 32}) {
                var busy = new Pipeline(stages, streams, load).busy();
                System.out.printf(Locale.ROOT, "%s, %d stages, %2d streams: least busy stage %.0f %%%n", load, stages,
                        streams, 100 * Collections.min(busy));
                assertThat(busy).allSatisfy(share -> assertThat(share).isBetween(0.85, 1.0));
            }
        }
    }

    /** The scheduler, in the thread of the first stage, and the stages behind it. */
    private static final class Pipeline {
        // Eight rows take a tenth longer than one row.
        private static final long WEIGHTS = 70;
        private static final long HOP = 1;
        private static final int PROMPT_TILE = 32;
        private static final int DECODE_TILE = 8;

        private final int streams;
        private final Load load;
        private final Scheduler scheduler;
        private final Random random = new Random(7);
        private final Deque<UnderWay> underWay = new ArrayDeque<>();
        private final long[] freeAt;
        private final long[] worked;
        private SchedulerState state = SchedulerState.idle(KvLedger.empty(64, 1 << 20));
        private long arrived;
        private boolean due;

        private record UnderWay(Step step, long ready) {}

        Pipeline(int stages, int streams, Load load) {
            this.streams = streams;
            this.load = load;
            scheduler = new Scheduler(new Limits(streams, streams, PROMPT_TILE, 4, 1, DECODE_TILE,
                    Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(1), stages));
            freeAt = new long[stages];
            worked = new long[stages];
        }

        /** The part of the time in which each stage does what is of use. */
        List<Double> busy() {
            IntStream.range(0, streams).forEach(_ -> arrive());
            while (state.counts().steps() < STEPS) {
                if (due && (underWay.isEmpty() || underWay.getFirst().ready() > freeAt[0])) {
                    due = false;
                    feed(new Event.StepDue());
                } else {
                    end(underWay.removeFirst());
                }
            }
            return Arrays.stream(worked).mapToObj(time -> (double) time / freeAt[0]).toList();
        }

        private void end(UnderWay oldest) {
            freeAt[0] = Math.max(freeAt[0], oldest.ready());
            var step = oldest.step();
            var decoded = step.decodes().stream().map(Step.Decode::id);
            var read = step.prefills().stream().filter(Step.Prefill::last).map(Step.Prefill::id);
            feed(new Event.StepDone(Stream.concat(decoded, read).map(id -> new Event.Sampled(id, false)).toList()));
        }

        private void feed(Event event) {
            var transition = scheduler.transition(state, event, 0);
            state = transition.state();
            transition.effects().forEach(this::carryOut);
        }

        private void carryOut(Effect effect) {
            switch (effect) {
                case Effect.Run(var step) -> run(step);
                case Effect.StepSoon() -> due = true;
                case Effect.Finish _ -> arrive();
                default -> {
                }
            }
        }

        private void run(Step step) {
            long there = freeAt[0];
            for (int stage = 0; stage < freeAt.length; stage++) {
                freeAt[stage] = Math.max(freeAt[stage], there) + WEIGHTS + computedRows(step);
                worked[stage] += WEIGHTS + step.decodeRows() + step.prefillRows();
                there = freeAt[stage] + HOP;
            }
            underWay.addLast(new UnderWay(step, there));
        }

        private static int computedRows(Step step) {
            int decodeTiles = Math.ceilDiv(step.decodeRows(), DECODE_TILE);
            int promptTiles = step.prefills().stream().mapToInt(one -> Math.ceilDiv(one.rows(), PROMPT_TILE)).sum();
            return decodeTiles * DECODE_TILE + promptTiles * PROMPT_TILE;
        }

        private void arrive() {
            int prompt = random.nextInt(load.leastPrompt, load.mostPrompt);
            var shape = new PromptShape(prompt, List.of(), List.of());
            feed(new Event.Arrived(new Demand(new SequenceId(arrived), shape, 0, 1 + random.nextInt(load.mostNew),
                    arrived++, 0, Long.MAX_VALUE, Integer.MAX_VALUE, false)));
        }
    }
}
