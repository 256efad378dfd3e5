package sightline.router.fleet;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.stage.v1.Encoded;
import sightline.stage.v1.Refused;

class VisionPlanTest {
    static final PeerId A = new PeerId("vision-a", 1);
    static final PeerId B = new PeerId("vision-b", 1);
    static final JobId ONE = new JobId(1);
    static final JobId TWO = new JobId(2);
    private static final JobId THREE = new JobId(3);

    /** Every picture takes a second, on every node. */
    static final VisionCosts ALIKE = costs(1, 1);

    static final VisionNeed M = new VisionNeed("m", Optional.empty());
    static final VisionNeed.Offer SERVES_M = new VisionNeed.Offer("m", "print");

    @Test
    void picturesThatWereEncodedBeforeGoOnlyWhereTheyHaveTheSameBits() {
        var other = new VisionNeed.Offer("m", "other");
        var equal = new VisionNeed("m", Optional.of("print"));
        assertThat(plan(4).nodes(Map.of(A, other, B, SERVES_M)).submit(ONE, equal, 1).flush(ALIKE).effects())
                .containsExactly(send(B, ONE, 1));
        assertThat(plan(4).nodes(Map.of(A, other)).submit(ONE, equal, 1).flush(ALIKE).effects())
                .containsExactly(new VisionEffect.NoNode(ONE));
        assertThat(plan(4).nodes(Map.of(A, new VisionNeed.Offer("m", "")))
                .submit(ONE, new VisionNeed("m", Optional.of("")), 1)
                .flush(ALIKE)
                .effects()).containsExactly(new VisionEffect.NoNode(ONE));
    }

    @Test
    void aSmallJobDoesNotOvertakeALargeOneForEver() {
        var busy = onA(plan(4), 3).submit(ONE, M, 4).submit(TWO, M, 1).nodes(Map.of(A, SERVES_M));
        assertThat(busy.flush(ALIKE).effects()).isEmpty();
    }

    @Test
    void aSlowNodeIsTakenWhenAFasterOneHasMoreToDo() {
        var plan = plan(16);
        for (int job = 1; job <= 22; job++)
            plan = plan.submit(new JobId(job), M, 1);
        var effects = plan.flush(costs(1, 10)).effects();
        assertThat(effects).filteredOn(effect -> effect instanceof VisionEffect.Send send && send.to().equals(A))
                .hasSize(16);
        assertThat(effects).filteredOn(effect -> effect instanceof VisionEffect.Send send && send.to().equals(B))
                .hasSize(2);
    }

    @Test
    void aJobWaitsForAFastNodeRatherThanTakeLongerOnASlowOne() {
        var plan = plan(4).submit(ONE, M, 4).submit(TWO, M, 4).submit(THREE, M, 1);
        assertThat(plan.flush(costs(1, 100)).effects())
                .containsExactly(new VisionEffect.Send(A, ONE, List.of(0, 1, 2, 3), 1));
    }

    @Test
    void aNodeThatStandsStillIsPassedBy() {
        var busy = onA(plan(4), 1).nodes(Map.of(A, SERVES_M, B, SERVES_M)).submit(ONE, M, 1);
        var stuck = new VisionCosts() {
            @Override
            public double seconds(PeerId node, JobId job, int picture) {
                return node.equals(A) ? 1 : 10;
            }

            @Override
            public double silentSeconds(PeerId node) {
                return 30;
            }
        };
        assertThat(busy.flush(costs(1, 10)).effects()).containsExactly(send(A, ONE, 2));
        assertThat(busy.flush(stuck).effects()).containsExactly(send(B, ONE, 2));
    }

    @Test
    void withoutANodeForTheModelTheJobIsAnsweredAtOnce() {
        assertThat(plan(4).submit(ONE, new VisionNeed("other", Optional.empty()), 1).flush(ALIKE).effects())
                .containsExactly(new VisionEffect.NoNode(ONE));
    }

    @Test
    void everyPictureIsAnsweredWhenItIsEncoded() {
        var sent = plan(4).submit(ONE, M, 2).flush(ALIKE).plan();
        var second = sent.encoded(B, encoded(2));
        assertThat(second.effects()).containsExactly(new VisionEffect.Answer(ONE, 1, encoded(2)));
        assertThat(second.plan().encoded(A, encoded(1)).effects())
                .containsExactly(new VisionEffect.Answer(ONE, 0, encoded(1)));
    }

    @Test
    void aRefusalEndsTheWholeJob() {
        var sent = plan(4).submit(ONE, M, 4).flush(ALIKE).plan().encoded(A, encoded(1)).plan();
        var refused = Refused.newBuilder().setItem(3).setReason("BAD_IMAGE").build();
        assertThat(sent.refused(B, refused).effects()).containsExactly(new VisionEffect.ReleaseItem(A, 1),
                new VisionEffect.CancelItem(A, 2), new VisionEffect.CancelItem(B, 4),
                new VisionEffect.Refuse(ONE, 1, refused));
    }

    @Test
    void theEndOfAJobReleasesWhatWasEncodedAndCancelsTheRest() {
        var sent = plan(4).submit(ONE, M, 2).flush(ALIKE).plan().encoded(A, encoded(1)).plan();
        var ended = sent.end(ONE);
        assertThat(ended.effects()).containsExactly(new VisionEffect.ReleaseItem(A, 1),
                new VisionEffect.CancelItem(B, 2));
        assertThat(ended.plan().encoded(B, encoded(2)).effects()).containsExactly(new VisionEffect.ReleaseItem(B, 2));
    }

    @Test
    void aPictureWhoseNodeIsLostGoesToAnotherOneOnce() {
        var sent = plan(4).submit(ONE, M, 2).flush(ALIKE).plan();
        var lost = sent.lost(A);
        assertThat(lost.effects()).isEmpty();
        var again = lost.plan().flush(ALIKE);
        assertThat(again.effects()).containsExactly(new VisionEffect.Send(B, ONE, List.of(0), 3));
        var back = again.plan().nodes(Map.of(A, SERVES_M, B, SERVES_M));
        assertThat(back.encoded(B, encoded(2)).plan().lost(B).effects()).containsExactly(new VisionEffect.NoNode(ONE));
    }

    @Test
    void withoutAnotherNodeTheLossIsTheAnswer() {
        var sent = plan(4).nodes(Map.of(A, SERVES_M)).submit(ONE, M, 1).flush(ALIKE).plan();
        assertThat(sent.lost(A).effects()).containsExactly(new VisionEffect.NoNode(ONE));
    }

    static IntStream seeds() {
        return Integer.getInteger("seed") == null ? IntStream.range(0, 200) : IntStream.of(Integer.getInteger("seed"));
    }

    /** Every job is answered exactly once, no node ever has more than its places, and every lease is released once. */
    @ParameterizedTest
    @MethodSource("seeds")
    void whateverHappensEveryJobIsAnsweredOnceAndNothingIsKept(int seed) {
        var world = new World(new Random(seed));
        for (int i = 0; i < 200; i++)
            world.step();
        world.finish();
        assertThat(world.answered).hasSize(world.submitted.size());
        assertThat(world.leases).isEmpty();
        assertThat(world.plan.jobs()).isEmpty();
    }

    /** Vision nodes and sessions as the plan sees them. */
    private static final class World {
        private static final int PLACES = 5;

        private final Random random;
        private final List<Integer> submitted = new ArrayList<>();
        private final Set<JobId> answered = new HashSet<>();
        private final Map<JobId, Set<Integer>> encoded = new HashMap<>();
        private final Set<JobId> held = new HashSet<>();
        private final SortedMap<Long, PeerId> working = new TreeMap<>();
        private final SortedMap<Long, PeerId> leases = new TreeMap<>();
        private VisionPlan plan = plan(PLACES);

        private World(Random random) {
            this.random = random;
        }

        private void step() {
            switch (random.nextInt(20)) {
                case 0 -> lose(random.nextBoolean() ? A : B);
                case 1 -> end(new JobId(1 + random.nextInt(submitted.size() + 1)));
                case 2, 3, 4, 5, 6, 7 -> submit();
                case 8, 9, 10 -> held.stream().findAny().ifPresent(this::end);
                default -> work();
            }
            apply(plan.flush(ALIKE));
        }

        private void finish() {
            while (!working.isEmpty() || !held.isEmpty()) {
                work();
                apply(plan.flush(ALIKE));
                List.copyOf(held).forEach(this::end);
            }
        }

        private void submit() {
            submitted.add(1 + random.nextInt(4));
            plan = plan.submit(new JobId(submitted.size()), M, submitted.getLast());
        }

        private void work() {
            var items = List.copyOf(working.keySet());
            if (items.isEmpty())
                return;
            long item = items.get(random.nextInt(items.size()));
            var node = requireNonNull(working.remove(item));
            if (random.nextInt(10) == 0) {
                apply(plan.refused(node, Refused.newBuilder().setItem(item).build()));
            } else {
                leases.put(item, node);
                apply(plan.encoded(node, VisionPlanTest.encoded(item)));
            }
        }

        /** Also of a session that never got its answer, or does not exist yet. */
        private void end(JobId job) {
            held.remove(job);
            if (job.number() <= submitted.size())
                answered.add(job);
            apply(plan.end(job));
        }

        private void lose(PeerId node) {
            working.values().removeIf(node::equals);
            leases.values().removeIf(node::equals);
            apply(plan.lost(node));
            plan = plan.nodes(Map.of(A, SERVES_M, B, SERVES_M));
        }

        private void apply(VisionPlan.Transition transition) {
            plan = transition.plan();
            transition.effects().forEach(this::carryOut);
            for (var node : List.of(A, B))
                assertThat(working.values().stream().filter(node::equals).count()).isLessThanOrEqualTo(PLACES);
        }

        private void carryOut(VisionEffect effect) {
            switch (effect) {
                case VisionEffect.Send(var to, var job, var pictures, long firstItem) -> {
                    assertThat(submitted.get((int) job.number() - 1)).isGreaterThanOrEqualTo(pictures.size());
                    for (int i = 0; i < pictures.size(); i++)
                        assertThat(working.put(firstItem + i, to)).isNull();
                }
                case VisionEffect.CancelItem(var at, long item) -> assertThat(working.remove(item)).isEqualTo(at);
                case VisionEffect.ReleaseItem(var at, long item) -> assertThat(leases.remove(item)).isEqualTo(at);
                case VisionEffect.Answer(var job, int picture, _) -> {
                    var pictures = encoded.computeIfAbsent(job, _ -> new HashSet<>());
                    assertThat(pictures.add(picture)).isTrue();
                    if (pictures.size() == submitted.get((int) job.number() - 1)) {
                        assertThat(answered.add(job)).isTrue();
                        held.add(job);
                    }
                }
                case VisionEffect.Refuse(var job, _, _) -> assertThat(answered.add(job)).isTrue();
                case VisionEffect.NoNode(var job) -> assertThat(answered.add(job)).isTrue();
            }
        }
    }

    static VisionCosts costs(double onA, double onB) {
        return new VisionCosts() {
            @Override
            public double seconds(PeerId node, JobId job, int picture) {
                return node.equals(A) ? onA : onB;
            }

            @Override
            public double silentSeconds(PeerId node) {
                return 0;
            }
        };
    }

    static VisionPlan plan(int places) {
        return VisionPlan.empty(places).nodes(Map.of(A, SERVES_M, B, SERVES_M));
    }

    private static VisionPlan onA(VisionPlan plan, int pictures) {
        return plan.nodes(Map.of(A, SERVES_M)).submit(new JobId(99), M, pictures).flush(ALIKE).plan();
    }

    /** Of the job's only picture. */
    private static VisionEffect.Send send(PeerId to, JobId job, long item) {
        return new VisionEffect.Send(to, job, List.of(0), item);
    }

    private static Encoded encoded(long item) {
        return Encoded.newBuilder().setItem(item).build();
    }
}
