package sightline.language.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.language.schedule.Demand.PromptShape;
import sightline.language.schedule.Effect.Admit;
import sightline.language.schedule.Effect.Refuse;

/** Tenants take turns by the work that is done for them. */
class TenantFairnessTest {
    private static final int PLACES = 200;

    static LongStream seeds() {
        var seed = Long.getLong("seed");
        return seed == null ? LongStream.range(0, 10) : LongStream.of(seed);
    }

    @Test
    void aFloodDelaysAnothersFirstRequestByTheOneThatRuns() {
        var node = new Node(1, PLACES);
        for (int i = 1; i <= 100; i++) {
            node.arrive(node.demand(i, "flood", 100, 20));
        }
        node.arrive(node.demand(101, "other", 100, 20));
        assertThat(node.admittedUntilNobodyWaits().subList(0, 3)).containsExactly(101L, 2L, 3L);
    }

    @Test
    void whoDidNotAskBeforeIsOwedNothingForIt() {
        var node = new Node(1, PLACES);
        for (int i = 1; i <= 20; i++) {
            node.arrive(node.demand(i, "early", 100, 20));
        }
        node.admitted(10);
        for (int i = 101; i <= 120; i++) {
            node.arrive(node.demand(i, "late", 100, 20));
        }
        assertThat(node.admitted(6)).containsExactly(101L, 12L, 102L, 13L, 103L, 14L);
    }

    @Test
    void shortRequestsGetAsManyMoreTurnsAsTheyAreShorter() {
        var node = new Node(1, PLACES);
        for (int i = 1; i <= 20; i++) {
            node.arrive(node.demand(i, "long", 300, 50));
            node.arrive(node.demand(100 + i, "short", 100, 1));
        }
        var admitted = node.admitted(20);
        assertThat(admitted.stream().filter(id -> id < 100).count()).as("of the long ones, which cost four times")
                .isBetween(3L, 5L);
    }

    @Test
    void promptsOfTenantsAreReadInTurns() {
        var node = new Node(2, PLACES);
        node.arrive(node.demand(1, "one", 320, 5));
        node.arrive(node.demand(2, "other", 320, 5));
        var readers = new ArrayList<Long>();
        for (int i = 0; i < 6; i++) {
            readers.add(node.due().prefills().getFirst().id().value());
            node.done();
        }
        assertThat(readers).containsExactly(1L, 2L, 1L, 2L, 1L, 2L);
    }

    @Test
    void oneTooManyIsOfTheTenantThatTakesMostPlacesToWait() {
        var node = new Node(1, 3);
        for (int i = 1; i <= 4; i++) {
            node.arrive(node.demand(i, "flood", 100, 20));
        }
        assertThat(node.arrive(node.demand(5, "other", 100, 20))).singleElement()
                .isInstanceOfSatisfying(Refuse.class, refuse -> assertThat(refuse.id().value()).isEqualTo(4));
        assertThat(node.arrive(node.demand(6, "third", 100, 20))).singleElement()
                .isInstanceOfSatisfying(Refuse.class, refuse -> assertThat(refuse.id().value()).isEqualTo(3));
    }

    @Test
    void blocksAreTakenBackFromTheTenantThatWasServedMost() {
        var node = new Node(3, PLACES);
        node.state = SchedulerState.idle(KvLedger.empty(DrivenScheduler.BLOCK, 5));
        node.arrive(node.demand(1, "much", 60, 200));
        node.arrive(node.demand(2, "much", 60, 200));
        for (int i = 0; i < 40; i++) {
            node.sampleAll(node.due());
        }
        node.arrive(node.demand(3, "little", 10, 50));
        while (node.state.counts().preemptions() == 0) {
            node.sampleAll(node.due());
        }
        assertThat(node.state.waiting()).as("not the one that came last")
                .extracting(waiting -> waiting.id().value())
                .containsExactly(2L);
    }

    @Test
    void tenantsWithoutARequestAreForgotten() {
        var limits = new Limits(2, 4, 32, 100, 100, 8, Duration.ofSeconds(10), Duration.ofSeconds(30),
                Duration.ofSeconds(3));
        var node = new Node(limits);
        node.arrive(node.demand(1, "steady", 10, 10_000));
        int most = 0;
        for (int i = 2; i < 600; i++) {
            var newcomer = new Demand(new SequenceId(i), "tenant-" + i, new PromptShape(3_000, List.of(), List.of()), 0,
                    1, i,
                    0,
                    99 * DrivenScheduler.SECOND_NANOS, 1, false);
            node.arrive(newcomer);
            node.sampleAll(node.due());
            most = Math.max(most, node.state.served().size());
        }
        assertThat(most).as("remembered, as they were served more than one who comes now").isBetween(256, 258);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void noTenantThatAsksGetsMuchMoreThanAnother(long seed) {
        new TenantCourse(seed).run();
    }

    /** Admits what it can, and samples a token for whoever may have one. */
    private static final class Node extends DrivenScheduler {
        private final List<Long> admitted = new ArrayList<>();

        Node(Limits limits) {
            super(limits);
            state = SchedulerState.idle(KvLedger.empty(BLOCK, 300));
        }

        Node(int running, int waiting) {
            this(new Limits(running, waiting, 32, 2, 1, 8, Duration.ofSeconds(10), Duration.ofSeconds(30),
                    Duration.ofSeconds(3)));
        }

        Demand demand(long sequence, String tenant, int promptTokens, int maxNewTokens) {
            return new Demand(id(sequence), tenant, shape(promptTokens, 0, (int) sequence), 0, maxNewTokens, nowNanos++,
                    0,
                    99 * SECOND_NANOS, 20_000, false);
        }

        @Override
        List<Effect> feed(Event event) {
            var effects = super.feed(event);
            effects.forEach(effect -> {
                if (effect instanceof Admit(var id, var _, var _)) {
                    admitted.add(id.value());
                }
            });
            return effects;
        }

        /** The next ones that are admitted. */
        List<Long> admitted(int count) {
            admitted.clear();
            while (admitted.size() < count) {
                sampleAll(due());
            }
            return List.copyOf(admitted);
        }

        List<Long> admittedUntilNobodyWaits() {
            return admitted(state.sequencesWaiting());
        }
    }
}
