package sightline.language.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sightline.language.schedule.Demand.ImageSpan;
import sightline.language.schedule.Demand.PromptShape;
import sightline.language.schedule.Effect.Admit;
import sightline.language.schedule.Effect.Drop;
import sightline.language.schedule.Effect.Grow;
import sightline.language.schedule.Effect.Refuse;
import sightline.language.schedule.Effect.Release;
import sightline.language.schedule.Effect.StepSoon;
import sightline.wire.Failure;

/** Who is given KV blocks, who keeps them, and who gives them back. */
class SchedulerMemoryTest extends DrivenScheduler {
    @Test
    void nobodyOvertakesAHeadThatNeedsMuchKv() {
        arrive(1, BLOCK * 6, 1);
        assertThat(arrive(2, BLOCK * 6, 1)).isEmpty();
        assertThat(arrive(3, 10, 1)).containsExactly(new Refuse(id(3),
                new Failure.Overloaded("all places to wait are taken", Duration.ofSeconds(3))));
        assertThat(feed(new Event.Withdrawn(id(1)))).containsExactly(new Release(id(1)),
                new Admit(id(2), 6, List.of()));
    }

    @Test
    void aPromptThatBeginsAlikeIsReadFromWhereItDiffers() {
        arrive(1, 150, 1);
        finishPrompt(1);
        assertThat(state.kv().keptBlocks()).isEqualTo(2);
        assertThat(arrive(2, 130, 1)).startsWith(new Admit(id(2), 3, List.of(1L, 2L)));
        assertThat(due()).isEqualTo(prefill(2, 128, 130, true));
        done(2);
        assertThat(arrive(demand(3, shape(130, 128, 7), 1))).as("another beginning")
                .startsWith(new Admit(id(3), 3, List.of()));
        assertThat(state.counts().hitTokens()).isEqualTo(128);
    }

    @Test
    void imagesWithinTheKeptBeginningAreNotAwaited() {
        arrive(demand(1, shape(150, 100, 1), 1));
        feed(new Event.Fetched(id(1), 0));
        finishPrompt(1);
        arrive(demand(2, shape(140, 100, 1), 1));
        assertThat(due()).isEqualTo(prefill(2, 128, 140, true));
        done(2);
        arrive(demand(3, shape(140, 135, 1), 1));
        assertThat(lacksRows(3)).isTrue();
    }

    @Test
    void whatIsKeptOfALaterImageIsRecalledOnceItIsKnown() {
        var whole = readWithTwoImages();
        var begun = new PromptShape(150, whole.images(), whole.blocks().subList(0, 1));
        assertThat(arrive(demand(2, begun, 1))).startsWith(new Admit(id(2), 3, List.of(1L)));
        assertThat(lacksRows(2)).isTrue();
        assertThat(feed(new Event.Known(id(2), whole))).startsWith(new Effect.Recall(id(2), List.of(1L, 2L), 64));
        assertThat(lacksRows(2)).as("two rows of the image are not kept").isTrue();
        feed(new Event.Fetched(id(2), 1));
        assertThat(due()).isEqualTo(prefill(2, 128, 150, true));
        assertThat(state.counts().hitTokens()).isEqualTo(128);
    }

    /** The first sequence has read a prompt of 150 positions. */
    private PromptShape readWithTwoImages() {
        var whole = shape(150, List.of(new ImageSpan(0, 60, true), new ImageSpan(70, 130, true)), 1);
        arrive(demand(1, whole, 1));
        feed(new Event.Fetched(id(1), 0));
        feed(new Event.Fetched(id(1), 1));
        finishPrompt(1);
        return whole;
    }

    @Test
    void whatIsBeingReadIsNotRecalled() {
        var whole = readWithTwoImages();
        var begun = new PromptShape(150, whole.images(), List.of());
        arrive(demand(2, begun, 1));
        feed(new Event.Fetched(id(2), 0));
        assertThat(due()).isEqualTo(prefill(2, 0, 64, false));
        assertThat(feed(new Event.Known(id(2), whole))).isEmpty();
        done();
        assertThat(lacksRows(2)).isTrue();
    }

    @Test
    void keptBlocksGiveWayToSequencesTheLongestUnusedFirst() {
        arrive(demand(1, shape(65, 0, 1), 1));
        finishPrompt(1);
        arrive(demand(2, shape(65, 0, 2), 1));
        finishPrompt(2);
        arrive(demand(3, shape(65, 0, 1), 1));
        finishPrompt(3);
        assertThat(arrive(4, BLOCK * 7, 1)).startsWith(new Drop(2), new Admit(id(4), 7, List.of()));
    }

    @Test
    void aKeptBeginningMayTakeTheRoomThatItsOwnSequenceNeeds() {
        arrive(1, BLOCK * 4 + 1, 1);
        finishPrompt(1);
        assertThat(arrive(2, BLOCK * 7, 1)).containsExactly(new Admit(id(2), 7, List.of(1L, 2L, 3L)),
                new Drop(3), new Drop(2), new StepSoon());
    }

    @Test
    void theLastServedGivesItsBlocksBackAndReadsAgainLater() {
        arrive(demand(1, shape(BLOCK * 4, 0, 1), 200));
        arrive(demand(2, shape(BLOCK * 2, 0, 2), 200));
        var effects = new ArrayList<Effect>();
        while (state.counts().preemptions() == 0) {
            effects.clear();
            var step = due(effects);
            sampleAll(step);
        }
        assertThat(effects).contains(new Release(id(2)), new Grow(id(1), 6));
        assertThat(state.running()).extracting(Sequence::id).containsExactly(id(1));
        int generated = state.waiting().getFirst().generated();
        assertThat(generated).isPositive();

        feed(new Event.Withdrawn(id(1)));
        assertThat(state.running()).extracting(Sequence::id).containsExactly(id(2));
        assertThat(due()).isEqualTo(prefill(2, 0, BLOCK, false));
        done();
        assertThat(due()).isEqualTo(prefill(2, BLOCK, BLOCK * 2, true));
        done();
        assertThat(due()).isEqualTo(new Step(List.of(new Step.Decode(id(2), 0, 8)), List.of()));
        done();
        int read = 8;
        while (read + 8 < generated) {
            assertThat(due()).isEqualTo(new Step(List.of(new Step.Decode(id(2), read, read + 8)), List.of()));
            done();
            read += 8;
        }
        assertThat(due()).isEqualTo(new Step(List.of(new Step.Decode(id(2), read, generated)), List.of()));
        done(2);
        assertThat(due()).isEqualTo(decode(2, generated));
    }
}
