package sightline.language.schedule;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Whose turn it is in the queue of a {@link Draft}: the tenant's that has been served least. Mutable, lives for one transition.
 *
 * <p>Service is what the virtual token counter counts, a prompt position 1 and a generated token 2: Sheng et al., Fairness in
 * Serving Large Language Models (OSDI 2024, arXiv 2401.00588), algorithm 2, and github.com/Ying1123/VTC-artifact at
 * 192c2e2, slora/server/router/vtc_req_queue.py. A tenant with nothing in the queue is lifted, when a request of its comes, to
 * the least that any tenant in the queue was served, so that idleness earns no credit. Here prompts are counted as they are
 * read, since a step reads those of several tenants in turn, and who is admitted next by what its running prompts will take
 * besides. What is recalled, or read again after the first token, costs nothing.
 */
final class TenantDraft {
    private static final long POSITION = 1;
    private static final long GENERATED = 2;
    private static final int MOST_IDLE = 256; // who is forgotten beyond that has the least to lose

    private final Map<String, Long> served;
    private final QueueDraft queue;

    TenantDraft(Map<String, Long> served, QueueDraft queue) {
        this.served = new HashMap<>(served);
        this.queue = queue;
    }

    /** To be said before the request is in the queue. */
    void arrived(String tenant) {
        if (queue.waiting().stream().noneMatch(sequence -> sequence.mayRun() && sequence.tenant().equals(tenant))) {
            served.put(tenant, Math.max(served(tenant), level()));
        }
    }

    /** A step is over; to be said while its prompts stand where they stood before. */
    void read(Step step) {
        step.prefills()
                .forEach(prefill -> queue.running(prefill.id())
                        .filter(sequence -> sequence.promptLeft() > 0)
                        .ifPresent(sequence -> add(sequence.tenant(), POSITION * (prefill.to() - prefill.from()))));
    }

    void generated(String tenant) {
        add(tenant, GENERATED);
    }

    /**
     * Who is to be admitted next: a suspect in its turn, since others wait for it; or, of the tenant whose turn it is, the
     * first in the queue that may be.
     */
    Optional<Sequence> next(Predicate<Sequence> mayBe) {
        var promptsLeft = queue.running()
                .stream()
                .collect(Collectors.groupingBy(Sequence::tenant, Collectors.summingLong(Sequence::promptLeft)));
        return queue.waiting()
                .stream()
                .filter(sequence -> sequence.mayRun() && mayBe.test(sequence))
                .min(Comparator.comparing((Sequence sequence) -> !sequence.isInTurn())
                        .thenComparingLong(sequence -> served(sequence.tenant())
                                + POSITION * promptsLeft.getOrDefault(sequence.tenant(), 0L)));
    }

    /** Those that run, in the order in which their prompts are read. */
    List<Sequence> inTurn() {
        return queue.running().stream().sorted(byService()).toList();
    }

    /** The sequences of the tenant first that has been served least. */
    Comparator<Sequence> byService() {
        return Comparator.comparingLong(sequence -> served(sequence.tenant()));
    }

    /**
     * What is to be remembered: the service of all tenants that have a sequence, and of those that have none but were served
     * more than one who comes now would be lifted to. When nobody has a sequence, all begin anew.
     */
    Map<String, Long> served() {
        var active = queue.all().stream().map(Sequence::tenant).collect(Collectors.toSet());
        if (active.isEmpty()) {
            return Map.of();
        }
        long level = level();
        served.entrySet().removeIf(entry -> entry.getValue() <= level && !active.contains(entry.getKey()));
        if (served.size() > active.size() + MOST_IDLE) {
            forgetLeastIdle(active);
        }
        return served;
    }

    private void forgetLeastIdle(Set<String> active) {
        served.entrySet()
                .stream()
                .filter(entry -> !active.contains(entry.getKey()))
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .skip(MOST_IDLE)
                .map(Map.Entry::getKey)
                .toList()
                .forEach(served::remove);
    }

    /** Where nobody is in the queue, all that run get what they ask for: the one served most has no advantage to lose. */
    private long level() {
        return queue.waiting()
                .stream()
                .filter(Sequence::mayRun)
                .mapToLong(sequence -> served(sequence.tenant()))
                .min()
                .orElseGet(() -> queue.running()
                        .stream()
                        .mapToLong(sequence -> served(sequence.tenant()))
                        .max()
                        .orElse(0));
    }

    private long served(String tenant) {
        return served.getOrDefault(tenant, 0L);
    }

    private void add(String tenant, long work) {
        served.merge(tenant, work, Long::sum);
    }
}
