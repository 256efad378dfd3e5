package sightline.wire;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Answers, as token ids, of which one has to be given: what may come next, and whether it is whole, are functions of the
 * ids so far alone. Both router and language node decide by it.
 *
 * @param answers none of them empty, all different; without any, every answer may be given
 */
public record Choices(List<List<Integer>> answers) {
    /** Any answer. */
    public static final Choices FREE = new Choices(List.of());

    public Choices {
        answers = answers.stream().map(List::copyOf).toList();
        if (answers.stream().anyMatch(List::isEmpty) || Set.copyOf(answers).size() != answers.size()) {
            throw new IllegalArgumentException("answers: " + answers + " (expected: different ones, none empty)");
        }
    }

    public boolean isFree() {
        return answers.isEmpty();
    }

    /** Ids that go on with these as one of the answers does. */
    public Set<Integer> next(List<Integer> soFar) {
        return longer(soFar).map(answer -> answer.get(soFar.size())).collect(Collectors.toUnmodifiableSet());
    }

    /** Whether these ids are one of the answers, with which it may end. */
    public boolean isWhole(List<Integer> soFar) {
        return answers.contains(soFar);
    }

    /** Whether these ids are one of the answers, and no other one goes on from there. */
    public boolean isOver(List<Integer> soFar) {
        return isWhole(soFar) && longer(soFar).findAny().isEmpty();
    }

    /** Whether one answer is the beginning of another, so that it takes an end token to give it. */
    public boolean needEndToken() {
        return answers.stream().anyMatch(answer -> longer(answer).findAny().isPresent());
    }

    /** Of the longest answer, an end token included where one is needed. */
    public int mostTokens() {
        int longest = answers.stream().mapToInt(List::size).max().orElse(0);
        return needEndToken() ? longest + 1 : longest;
    }

    private Stream<List<Integer>> longer(List<Integer> soFar) {
        return answers.stream()
                .filter(answer -> answer.size() > soFar.size() && answer.subList(0, soFar.size()).equals(soFar));
    }
}
