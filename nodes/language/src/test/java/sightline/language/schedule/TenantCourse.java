package sightline.language.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import sightline.language.schedule.Demand.PromptShape;

/**
 * Tenants that always have requests in the queue, one of them a hundred and each of a kind of its own: at any time each has
 * got about as much as another, and when they stop every request comes to its end.
 */
final class TenantCourse {
    private static final int MOST_PROMPT = 400;
    private static final int MOST_NEW = 60;
    private static final int FLOOD = 100;
    private static final long ENOUGH = 20_000;

    private final Random random;
    private final Limits limits;
    private final Scheduler scheduler;
    private final List<Tenant> tenants;
    private final Map<SequenceId, Asked> alive = new HashMap<>();
    private final ArrayDeque<Event> mailbox = new ArrayDeque<>();
    private final ArrayDeque<Step> underWay = new ArrayDeque<>();
    private SchedulerState state;
    private long lastId;
    private long nowNanos;

    /** What a tenant asks for, and what it has got. */
    private static final class Tenant {
        final String name;
        final int mostPrompt;
        final int mostNew;
        final int queue;
        long got;
        int waiting;

        Tenant(String name, Random random, int queue) {
            this.name = name;
            this.mostPrompt = 1 + random.nextInt(MOST_PROMPT);
            this.mostNew = 1 + random.nextInt(MOST_NEW);
            this.queue = queue;
        }
    }

    private static final class Asked {
        final Demand demand;
        final Tenant tenant;
        int read;
        int generated;
        boolean admitted;

        Asked(Demand demand, Tenant tenant) {
            this.demand = demand;
            this.tenant = tenant;
        }
    }

    TenantCourse(long seed) {
        random = new Random(seed);
        int tiles = 1 + random.nextInt(3);
        limits = new Limits(1 + random.nextInt(6), 2 * FLOOD, 32, tiles, 1 + random.nextInt(tiles), 8,
                Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofSeconds(1), 1 + random.nextInt(3));
        scheduler = new Scheduler(limits);
        state = SchedulerState.idle(KvLedger.empty(RandomDemands.BLOCK, 8 + random.nextInt(40)));
        tenants = IntStream.range(0, 2 + random.nextInt(3))
                .mapToObj(i -> new Tenant("tenant-" + i, random, i == 0 ? FLOOD : limits.running() + 1))
                .toList();
    }

    void run() {
        while (tenants.stream().anyMatch(tenant -> tenant.got < ENOUGH)) {
            tenants.forEach(this::ask);
            advance();
            requireAboutAsMuch();
        }
        while (!alive.isEmpty()) {
            advance();
        }
        assertThat(state.served()).isEmpty();
    }

    /** Twice the most that the theorem of the virtual token counter allows, which knows neither tiles nor preemption. */
    private void requireAboutAsMuch() {
        long bound = 4L * (MOST_PROMPT + 2 * MOST_NEW * limits.running());
        var got = tenants.stream().mapToLong(tenant -> tenant.got).summaryStatistics();
        assertThat(got.getMax() - got.getMin()).isLessThanOrEqualTo(bound);
    }

    private void ask(Tenant tenant) {
        while (tenant.waiting < tenant.queue) {
            int prompt = 1 + random.nextInt(tenant.mostPrompt);
            var demand = new Demand(new SequenceId(++lastId), tenant.name,
                    new PromptShape(prompt, List.of(), List.of()), 0,
                    1 + random.nextInt(tenant.mostNew), nowNanos++, random.nextInt(2), Long.MAX_VALUE, MOST_NEW, false);
            alive.put(demand.id(), new Asked(demand, tenant));
            tenant.waiting++;
            feed(new Event.Arrived(demand));
        }
    }

    private void advance() {
        if (!mailbox.isEmpty() && (underWay.isEmpty() || random.nextBoolean())) {
            feed(mailbox.poll());
        } else {
            feed(new Event.StepDone(end(underWay.removeFirst())));
        }
    }

    private List<Event.Sampled> end(Step step) {
        var sampled = new ArrayList<Event.Sampled>();
        for (var prefill : step.prefills()) {
            var asked = of(prefill.id());
            asked.tenant.got += Math.max(0, prefill.to() - asked.read);
            asked.read = Math.max(asked.read, prefill.to());
            if (prefill.last() && asked.generated == 0) {
                sampled.add(sample(asked));
            }
        }
        for (var decode : step.decodes()) {
            if (decode.to() == of(decode.id()).generated) {
                sampled.add(sample(of(decode.id())));
            }
        }
        return sampled;
    }

    private Event.Sampled sample(Asked asked) {
        asked.generated++;
        asked.tenant.got += 2;
        return new Event.Sampled(asked.demand.id(), false);
    }

    private void feed(Event event) {
        var transition = scheduler.transition(state, event, nowNanos);
        state = transition.state();
        for (var effect : transition.effects()) {
            switch (effect) {
                case Effect.StepSoon() -> mailbox.add(new Event.StepDue());
                case Effect.Run(var step) -> underWay.add(step);
                case Effect.Finish(var id, var _) -> alive.remove(id);
                case Effect.Admit(var id, var _, var _) -> admitted(of(id));
                case Effect.Refuse refused -> throw new AssertionError(refused);
                default -> {
                }
            }
        }
    }

    private static void admitted(Asked asked) {
        if (!asked.admitted) {
            asked.admitted = true;
            asked.tenant.waiting--;
        }
    }

    private Asked of(SequenceId id) {
        return Objects.requireNonNull(alive.get(id), () -> "not alive: " + id);
    }
}
