package sightline.language.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** Carries effects out as the model's actor does, and checks each of them against what it knows by itself. */
final class PlayedModel {
    private static final int LIKELY_LENGTH = 60;

    private final Random random;
    private final Limits limits;
    private final int totalBlocks;
    private final Map<SequenceId, Played> alive = new HashMap<>();
    private final Map<SequenceId, Integer> held = new HashMap<>();
    private final Map<Long, PromptBlock> kept = new HashMap<>();
    private final Set<SequenceId> fetching = new HashSet<>();
    private final Set<SequenceId> ended = new HashSet<>();
    private final Set<SequenceId> offered = new HashSet<>();
    private boolean othersGaveWay;

    /** One request: what is in its KV blocks, and what it has generated. */
    private static final class Played {
        final Demand demand;
        int credit;
        int read;
        int generated;
        int imagesFrom = Integer.MAX_VALUE;

        Played(Demand demand) {
            this.demand = demand;
            this.credit = demand.credit();
            this.generated = demand.answered();
        }
    }

    PlayedModel(Random random, Limits limits, int totalBlocks) {
        this.random = random;
        this.limits = limits;
        this.totalBlocks = totalBlocks;
    }

    void arrived(Demand demand) {
        alive.put(demand.id(), new Played(demand));
    }

    Set<SequenceId> alive() {
        return Set.copyOf(alive.keySet());
    }

    Set<SequenceId> fetching() {
        return Set.copyOf(fetching);
    }

    /** Suspects that were offered their turn and have not said anything yet. */
    Set<SequenceId> offered() {
        return Set.copyOf(offered);
    }

    int heldBlocks() {
        return held.values().stream().mapToInt(Integer::intValue).sum();
    }

    int keptBlocks() {
        return kept.size();
    }

    void requireNothingHeld() {
        assertThat(held).isEmpty();
    }

    void told(Event event) {
        switch (event) {
            case Event.Withdrawn(var id) -> gone(id);
            case Event.Credited(var id, var tokens) -> {
                if (alive.containsKey(id)) {
                    of(id).credit += tokens;
                }
            }
            case Event.Fetched(var id) -> {
                if (fetching.remove(id)) {
                    of(id).imagesFrom = of(id).read;
                }
            }
            case Event.TurnTaken(var id) -> offered.remove(id);
            default -> {
            }
        }
    }

    void carryOut(Effect effect) {
        switch (effect) {
            case Effect.OfferTurn(var id) -> {
                assertThat(of(id).demand.suspect()).isTrue();
                assertThat(offered).as("one at a time").isEmpty();
                offered.add(id);
            }
            case Effect.Admit(var id, var blocks, var recalled) -> onAdmit(id, blocks, recalled);
            case Effect.Grow(var id, var blocks) -> assertThat(blocks).isGreaterThan(held.replace(id, blocks));
            case Effect.Release(var id) -> onRelease(id);
            case Effect.Keep(var id, var index, var number) -> onKeep(id, index, number);
            case Effect.Drop(var number) -> assertThat(kept.remove(number)).as("kept %s", number).isNotNull();
            case Effect.Finish(var id, _) -> assertThat(gone(id)).as("alive %s", id).isTrue();
            case Effect.Refuse(var id, _) -> assertThat(gone(id)).as("alive %s", id).isTrue();
            default -> throw new AssertionError(effect);
        }
        assertThat(heldBlocks()).isLessThanOrEqualTo(totalBlocks);
    }

    private void onAdmit(SequenceId id, int blocks, List<Long> recalled) {
        assertThat(held.put(id, blocks)).as("admitted twice: %s", id).isNull();
        var played = of(id);
        var prompt = played.demand.prompt();
        for (int i = 0; i < recalled.size(); i++) {
            assertThat(kept.get(recalled.get(i))).isEqualTo(prompt.blocks().get(i));
        }
        assertThat(recalled.size()).isLessThanOrEqualTo(blocks);
        played.read = recalled.size() * RandomDemands.BLOCK;
        if (prompt.imagesEnd() > played.read && played.imagesFrom > played.read) {
            fetching.add(id);
        }
    }

    private void onRelease(SequenceId id) {
        assertThat(held.remove(id)).as("held by %s", id).isNotNull();
        fetching.remove(id);
    }

    private void onKeep(SequenceId id, int index, long number) {
        assertThat(index).isLessThan(Objects.requireNonNull(held.get(id)));
        assertThat(kept.put(number, of(id).demand.prompt().blocks().get(index))).isNull();
    }

    List<Event.Sampled> run(Step step) {
        var sampled = new ArrayList<Event.Sampled>();
        step.decodes().forEach(decode -> decode(decode, sampled));
        step.prefills().forEach(prefill -> prefill(prefill, sampled));
        return sampled;
    }

    private void decode(Step.Decode decode, List<Event.Sampled> sampled) {
        var played = of(decode.id());
        int prompt = played.demand.prompt().tokens();
        assertThat(prompt + decode.from()).as("rows in order").isEqualTo(played.read);
        assertThat(decode.rows()).isBetween(1, limits.replayRows());
        assertThat(decode.to()).isLessThanOrEqualTo(played.generated);
        assertThat(prompt + decode.to())
                .isLessThanOrEqualTo(Objects.requireNonNull(held.get(decode.id())) * RandomDemands.BLOCK);
        played.read = prompt + decode.to();
        if (decode.to() == played.generated) {
            generate(played, sampled);
        }
    }

    private void prefill(Step.Prefill prefill, List<Event.Sampled> sampled) {
        var played = of(prefill.id());
        int prompt = played.demand.prompt().tokens();
        assertThat(prefill.from() % limits.tileRows()).isZero();
        assertThat(prefill.from()).isEqualTo(played.read);
        assertThat(prefill.rows()).isBetween(1, limits.tileRows() * limits.tilesPerStep());
        assertThat(prefill.last()).isEqualTo(prefill.to() == prompt);
        assertThat(fetching).doesNotContain(prefill.id());
        played.read = prefill.to();
        if (prefill.last() && played.generated == 0) {
            generate(played, sampled);
        }
    }

    private void generate(Played played, List<Event.Sampled> sampled) {
        played.generated++;
        assertThat(--played.credit).as("credit of %s", played.demand.id()).isNotNegative();
        sampled.add(new Event.Sampled(played.demand.id(), random.nextInt(LIKELY_LENGTH) == 0));
    }

    /**
     * Whoever may decode does, in every step, and a prompt that can be read advances in every step; but a suspect is alone
     * in its steps, and others give way to it in no two of them in a row.
     */
    void requireNobodyStarves(Step step, SchedulerState state) {
        var suspects = state.running().stream().filter(s -> s.trust() == Trust.IN_TURN).toList();
        assertThat(suspects).hasSizeLessThanOrEqualTo(1);
        var others = state.running().stream().filter(s -> s.trust() == Trust.TRUSTED).toList();
        boolean othersHaveWork = others.stream().anyMatch(PlayedModel::hasWork);
        boolean isSuspects = suspects.stream().anyMatch(s -> idsIn(step).contains(s.id()));
        if (isSuspects) {
            assertThat(idsIn(step)).as("alone").hasSize(1);
            assertThat(othersGaveWay && othersHaveWork).isFalse();
        } else {
            requireAllAdvance(step, others);
        }
        othersGaveWay = isSuspects && othersHaveWork;
    }

    private static void requireAllAdvance(Step step, List<Sequence> sequences) {
        for (var sequence : sequences) {
            if (sequence.phase() instanceof Phase.Decoding && sequence.hasCredit()) {
                assertThat(step.decodes()).anyMatch(decode -> decode.id().equals(sequence.id()));
            }
        }
        boolean somethingToRead = sequences.stream().anyMatch(s -> s.phase() instanceof Phase.Prefilling);
        assertThat(step.prefills().isEmpty()).isEqualTo(!somethingToRead);
    }

    private static boolean hasWork(Sequence sequence) {
        return sequence.phase() instanceof Phase.Prefilling
                || (sequence.phase() instanceof Phase.Decoding && sequence.hasCredit());
    }

    private static List<SequenceId> idsIn(Step step) {
        return Stream
                .concat(step.decodes().stream().map(Step.Decode::id), step.prefills().stream().map(Step.Prefill::id))
                .toList();
    }

    private boolean gone(SequenceId id) {
        fetching.remove(id);
        offered.remove(id);
        if (alive.remove(id) == null) {
            return false;
        }
        assertThat(ended.add(id)).as("ended twice: %s", id).isTrue();
        return true;
    }

    private Played of(SequenceId id) {
        return Objects.requireNonNull(alive.get(id), () -> "not alive: " + id);
    }
}
