package sightline.language.schedule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The sequences of a {@link Draft}, those that wait and those that run, in the order in which they are served. Mutable,
 * lives for one transition.
 */
final class QueueDraft {
    private final Limits limits;
    private final List<Sequence> waiting;
    private final List<Sequence> running;

    QueueDraft(Limits limits, List<Sequence> waiting, List<Sequence> running) {
        this.limits = limits;
        this.waiting = new ArrayList<>(waiting);
        this.running = new ArrayList<>(running);
    }

    List<Sequence> waiting() {
        return List.copyOf(waiting);
    }

    List<Sequence> running() {
        return List.copyOf(running);
    }

    List<Sequence> all() {
        return Stream.concat(waiting.stream(), running.stream()).toList();
    }

    Optional<Sequence> running(SequenceId id) {
        return running.stream().filter(sequence -> sequence.id().equals(id)).findFirst();
    }

    /** Those that cannot go on before an image of theirs is encoded, the last one served first. */
    List<Sequence> idle(Set<SequenceId> underWay) {
        return running().reversed()
                .stream()
                .filter(sequence -> !sequence.isKnown() && sequence.lacksRows(limits.tileRows()))
                .filter(sequence -> !underWay.contains(sequence.id()))
                .toList();
    }

    /**
     * Who gives its blocks back where there are none left: one that waits for an image, or else the last one served, of the
     * tenant that has been served most, that is part of no step under way; but never the oldest, which therefore always
     * comes to its end.
     */
    Optional<Sequence> victim(Set<SequenceId> underWay, Comparator<Sequence> byService) {
        var oldest = running.stream().min(Comparator.comparingLong(sequence -> sequence.id().value())).orElseThrow();
        return idle(underWay).stream()
                .findFirst()
                .or(() -> running.reversed()
                        .stream()
                        .filter(sequence -> !sequence.id().equals(oldest.id()) && !underWay.contains(sequence.id()))
                        .max(byService));
    }

    /** When the first of all runs out of time or patience; nanoseconds may wrap round. */
    OptionalLong nextExpiry(long nowNanos) {
        var least = all().stream()
                .flatMapToLong(sequence -> sequence.expiries(limits.creditTimeout()))
                .map(nanos -> nanos - nowNanos)
                .min();
        return least.isPresent() ? OptionalLong.of(nowNanos + least.getAsLong()) : least;
    }

    void await(Sequence sequence) {
        enter(waiting, sequence);
    }

    void run(Sequence sequence) {
        enter(running, sequence);
    }

    void remove(SequenceId id) {
        waiting.removeIf(sequence -> sequence.id().equals(id));
        running.removeIf(sequence -> sequence.id().equals(id));
    }

    void change(SequenceId id, UnaryOperator<Sequence> change) {
        changeAll(sequence -> sequence.id().equals(id) ? change.apply(sequence) : sequence);
    }

    void changeAll(UnaryOperator<Sequence> change) {
        running.replaceAll(change);
        waiting.replaceAll(change);
    }

    /**
     * The request that is one too many of those that have not run yet: the last one of the tenant that takes most places to
     * wait.
     */
    Optional<Sequence> overflow() {
        var arrived = waiting.stream().filter(sequence -> sequence.preemptions() == 0).toList();
        if (arrived.size() <= limits.waiting()) {
            return Optional.empty();
        }
        var places = arrived.stream().collect(Collectors.groupingBy(Sequence::tenant, Collectors.counting()));
        return arrived.reversed()
                .stream()
                .max(Comparator.comparingLong(sequence -> places.getOrDefault(sequence.tenant(), 0L)));
    }

    private void enter(List<Sequence> among, Sequence sequence) {
        int place = among.size();
        while (place > 0 && limits.goesBefore(sequence.demand(), among.get(place - 1).demand())) {
            place--;
        }
        among.add(place, sequence);
    }
}
