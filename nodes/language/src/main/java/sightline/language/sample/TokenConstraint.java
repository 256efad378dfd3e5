package sightline.language.sample;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import sightline.wire.Choices;

/**
 * Says which ids may come next, from the answer so far alone, so that an answer that is read again meets the same. The
 * ids that it names are in the vocabulary.
 */
@FunctionalInterface
public interface TokenConstraint {
    /** What may follow these ids. */
    Allowed after(List<Integer> answer);

    /** No end before so many tokens. */
    static TokenConstraint atLeast(int tokens, Set<Integer> endIds) {
        return answer -> answer.size() < tokens && !endIds.isEmpty() ? new Allowed.AllBut(endIds) : new Allowed.All();
    }

    /** One of the choices, and an end token where it is whole and another one goes on. */
    static TokenConstraint oneOf(Choices choices, Set<Integer> endIds) {
        return answer -> {
            var next = choices.next(answer);
            return new Allowed.Only(choices.isWhole(answer) ? union(next, endIds) : next);
        };
    }

    private static Set<Integer> union(Set<Integer> one, Set<Integer> other) {
        var all = new HashSet<>(one);
        all.addAll(other);
        return all;
    }
}
