package sightline.router.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IdsTest {

    @Test
    void appendingKeepsOrderAndLeavesOlderSequencesAlone() {
        var three = Ids.empty().append(1).append(2).append(3);
        var left = three.append(4);
        var right = three.append(5);
        assertThat(three.toArray()).containsExactly(1, 2, 3);
        assertThat(left.toArray()).containsExactly(1, 2, 3, 4);
        assertThat(right.toArray()).containsExactly(1, 2, 3, 5);
        assertThat(left.append(6).toArray()).containsExactly(1, 2, 3, 4, 6);
    }

    @Test
    void growsWithoutLosingAnything() {
        var ids = Ids.empty();
        for (int i = 0; i < 1000; i++)
            ids = ids.append(i);
        assertThat(ids.toArray()).isEqualTo(IntStream.range(0, 1000).toArray());
        assertThat(ids.get(999)).isEqualTo(999);
    }

    @Test
    void refusesAnIndexBeyondItsOwnEnd() {
        var one = Ids.empty().append(7);
        one.append(8);
        assertThatThrownBy(() -> one.get(1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
