package sightline.router.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import sightline.router.prompt.EncodedPrompt;
import sightline.router.prompt.EncodedPrompt.Rows;
import sightline.router.text.Ids;
import sightline.wire.ImageKey;
import sightline.wire.Sha256;

class PromptWorkTest {
    private static final int IMAGE_TOKEN = 6;
    private static final Rows ROWS = new Rows(4, 100);
    private static final ImageKey CAT = key(1);
    private static final ImageKey DOG = key(2);

    @Test
    void promptsShareTheBlocksUpToWhereTheyDiffer() {
        var one = text(100, -1);
        assertThat(one.beginnings()).hasSize(3);
        assertThat(text(100, -1).beginnings()).isEqualTo(one.beginnings());
        for (int different = 0; different < 96; different++) {
            var other = text(100, different).beginnings();
            int shared = different / PromptWork.BLOCK;
            assertThat(other.subList(0, shared)).isEqualTo(one.beginnings().subList(0, shared));
            assertThat(other.subList(shared, 3)).doesNotContainAnyElementsOf(one.beginnings());
        }
    }

    @Test
    void theLastPositionIsReadInAnyCase() {
        assertThat(text(32, -1).beginnings()).isEmpty();
        assertThat(text(33, -1).beginnings()).hasSize(1);
        assertThat(text(64, -1).beginnings()).hasSize(1);
    }

    @Test
    void anotherQuestionAboutTheSamePictureBeginsAlike() {
        var about = picture(CAT, 1).beginnings();
        var again = picture(CAT, 2).beginnings();
        var other = picture(DOG, 1).beginnings();
        assertThat(about).hasSize(4);
        assertThat(again.subList(0, 3)).isEqualTo(about.subList(0, 3)); // positions 0 to 95, all rows of the picture
        assertThat(again.get(3)).isNotEqualTo(about.get(3));
        assertThat(other).doesNotContainAnyElementsOf(about);
    }

    @Test
    void whatWasAnsweredElsewhereIsReadToo() {
        var prompt = new EncodedPrompt(ids(IntStream.range(0, 40)), List.of());
        var work = PromptWork.of(prompt, List.of(), 7, 50);
        assertThat(work.positions()).isEqualTo(47);
        assertThat(work.answerTokens()).isEqualTo(50);
    }

    @Test
    void aReplicaKnowsTheBeginningOfWhatItWasGiven() {
        var known = new RememberedPrompts();
        assertThat(known.known(picture(CAT, 1))).isZero();
        known.add(picture(CAT, 1));
        assertThat(known.known(picture(CAT, 1))).isEqualTo(128);
        assertThat(known.known(picture(CAT, 2))).isEqualTo(96);
        assertThat(known.known(picture(DOG, 1))).isZero();
    }

    @Test
    void whatAReplicaKnowsIsBounded() {
        var known = new RememberedPrompts();
        known.add(picture(CAT, 1));
        for (int other = 0; other < 10_000; other++)
            known.add(new PromptWork(40, 1, List.of((long) other)));
        assertThat(known.known(picture(CAT, 1))).isZero();
        assertThat(known.known(new PromptWork(40, 1, List.of(9_999L)))).isEqualTo(32);
    }

    private static PromptWork text(int positions, int different) {
        var ids = ids(IntStream.range(0, positions).map(i -> i == different ? 499 : 100 + i));
        return PromptWork.of(new EncodedPrompt(ids, List.of()), List.of(), 0, 10);
    }

    /** A picture of 100 rows after 4 positions, then 30 of a question. */
    private static PromptWork picture(ImageKey key, int question) {
        var ids = ids(IntStream.range(0, 134)
                .map(i -> i < ROWS.offset() ? i : i < ROWS.offset() + ROWS.count() ? IMAGE_TOKEN : 200 + question));
        return PromptWork.of(new EncodedPrompt(ids, List.of(ROWS)), List.of(key), 0, 10);
    }

    private static Ids ids(IntStream stream) {
        return stream.boxed().reduce(Ids.empty(), Ids::append, (one, _) -> one);
    }

    private static ImageKey key(int picture) {
        var sha = Sha256.of(new byte[]{(byte) picture});
        return ImageKey.of(sha, sha, sha);
    }
}
