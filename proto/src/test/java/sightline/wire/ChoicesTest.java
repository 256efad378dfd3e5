package sightline.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChoicesTest {
    private static final int END = 99;

    /** Whatever is picked of what may come next, the answer is one of those given, and every one of them can be reached. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyWalkEndsAtAnAnswerAndEveryAnswerIsReached(int seed) {
        var random = new Random(seed);
        var answers = new HashSet<List<Integer>>();
        while (answers.size() < 6) {
            answers.add(random.ints(1 + random.nextInt(4), 0, 3).boxed().toList());
        }
        var choices = new Choices(List.copyOf(answers));
        var reached = new HashSet<List<Integer>>();
        for (int walk = 0; walk < 2_000; walk++) {
            var answer = walk(choices, random);
            assertThat(answer.size()).isLessThanOrEqualTo(choices.mostTokens());
            reached.add(answer.getLast() == END ? answer.subList(0, answer.size() - 1) : answer);
        }
        assertThat(reached).isEqualTo(answers);
    }

    @Test
    void onlyAnAnswerThatAnotherOneBeginsWithNeedsAnEndToken() {
        assertThat(new Choices(List.of(List.of(1, 2), List.of(1, 3))).needEndToken()).isFalse();
        var nested = new Choices(List.of(List.of(1), List.of(1, 3)));
        assertThat(nested.needEndToken()).isTrue();
        assertThat(nested.isWhole(List.of(1))).isTrue();
        assertThat(nested.isOver(List.of(1))).isFalse();
        assertThat(nested.next(List.of(1))).isEqualTo(Set.of(3));
        assertThat(nested.isOver(List.of(1, 3))).isTrue();
    }

    @Test
    void equalAndEmptyAnswersAreNone() {
        assertThatThrownBy(() -> new Choices(List.of(List.of()))).hasMessageContaining("none empty");
        assertThatThrownBy(() -> new Choices(List.of(List.of(1), List.of(1)))).hasMessageContaining("different ones");
        assertThat(Choices.FREE.isFree()).isTrue();
        assertThat(Choices.FREE.isOver(List.of())).isFalse();
    }

    /** An answer, with the end token behind it where it took one. */
    private static List<Integer> walk(Choices choices, Random random) {
        var answer = new ArrayList<Integer>();
        while (!choices.isOver(answer)) {
            var next = new ArrayList<>(choices.next(answer));
            if (choices.isWhole(answer)) {
                next.add(END);
            }
            int id = next.get(random.nextInt(next.size()));
            answer.add(id);
            if (id == END) {
                break;
            }
        }
        return answer;
    }
}
