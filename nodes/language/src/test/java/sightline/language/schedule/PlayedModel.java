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
import sightline.language.schedule.RandomDemands.Kind;

/** Carries effects out as the model's actor does, and checks each of them against what it knows by itself. */
final class PlayedModel {
    private final Random random;
    private final Kind kind;
    private final Limits limits;
    private final int totalBlocks;
    private final Map<SequenceId, Played> alive = new HashMap<>();
    private final Map<SequenceId, Integer> held = new HashMap<>();
    private final Map<Long, PromptBlock> kept = new HashMap<>();
    private final Set<SequenceId> fetching = new HashSet<>();
    private final Set<SequenceId> ended = new HashSet<>();
    private final Set<SequenceId> offered = new HashSet<>();

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

    PlayedModel(Random random, Kind kind, Limits limits, int totalBlocks) {
        this.random = random;
        this.kind = kind;
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
                boolean awaited = fetching.remove(id);
                if (alive.containsKey(id) && of(id).demand.suspect()) {
                    of(id).imagesFrom = 0;
                } else if (awaited) {
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

    /** A step goes on from where those before it will have come to. */
    void begin(Step step) {
        step.decodes().forEach(this::decode);
        step.prefills().forEach(this::prefill);
    }

    private void decode(Step.Decode decode) {
        var played = of(decode.id());
        int prompt = played.demand.prompt().tokens();
        assertThat(prompt + decode.from()).as("rows in order").isEqualTo(played.read);
        assertThat(decode.rows()).isBetween(1,
                played.demand.suspect() ? Math.max(limits.replayRows(), limits.running()) : limits.replayRows());
        assertThat(decode.to()).as("of tokens that are there").isLessThanOrEqualTo(played.generated);
        assertThat(prompt + decode.to())
                .isLessThanOrEqualTo(Objects.requireNonNull(held.get(decode.id())) * RandomDemands.BLOCK);
        played.read = prompt + decode.to();
    }

    private void prefill(Step.Prefill prefill) {
        var played = of(prefill.id());
        int prompt = played.demand.prompt().tokens();
        assertThat(prefill.from() % limits.tileRows()).isZero();
        assertThat(prefill.from()).isEqualTo(played.read);
        assertThat(prefill.rows()).isBetween(1, limits.tileRows() * limits.tilesPerStep());
        assertThat(prefill.last()).isEqualTo(prefill.to() == prompt);
        assertThat(fetching).doesNotContain(prefill.id());
        played.read = prefill.to();
    }

    /** The tokens of a step; some of its sequences may have gone. */
    List<Event.Sampled> end(Step step) {
        var sampled = new ArrayList<Event.Sampled>();
        step.decodes()
                .stream()
                .filter(decode -> !alive.containsKey(decode.id()) || decode.to() == of(decode.id()).generated)
                .forEach(decode -> sampled.add(sample(decode.id())));
        step.prefills()
                .stream()
                .filter(Step.Prefill::last)
                .filter(prefill -> !alive.containsKey(prefill.id()) || of(prefill.id()).generated == 0)
                .forEach(prefill -> sampled.add(sample(prefill.id())));
        return sampled;
    }

    private Event.Sampled sample(SequenceId id) {
        var played = alive.get(id);
        if (played == null) {
            return new Event.Sampled(id, false);
        }
        played.generated++;
        assertThat(--played.credit).as("credit of %s", id).isNotNegative();
        return new Event.Sampled(id, kind.endsAnswer(random));
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
