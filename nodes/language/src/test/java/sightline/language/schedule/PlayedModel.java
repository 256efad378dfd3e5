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
import java.util.stream.IntStream;
import sightline.language.schedule.Demand.PromptShape;
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
    private final Set<SequenceId> ended = new HashSet<>();
    private final Set<SequenceId> offered = new HashSet<>();

    /** One request: what is in its KV blocks, and what it has generated. */
    private static final class Played {
        final Demand demand;
        final PromptShape whole;
        final Set<Integer> fetched = new HashSet<>();
        PromptShape known;
        int credit;
        int read;
        int generated;

        Played(Demand demand, PromptShape whole) {
            this.demand = demand;
            this.whole = whole;
            this.known = demand.prompt();
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

    /** @param whole the prompt when all of it is known */
    void arrived(Demand demand, PromptShape whole) {
        alive.put(demand.id(), new Played(demand, whole));
    }

    Set<SequenceId> alive() {
        return Set.copyOf(alive.keySet());
    }

    /** Tickets and projected tokens that are still to come, those of a sequence in any order. */
    List<Event> toCome() {
        var events = new ArrayList<Event>();
        alive.forEach((id, played) -> {
            if (!played.known.equals(played.whole)) {
                events.add(new Event.Known(id, played.whole));
            }
            IntStream.range(0, played.whole.images().size())
                    .filter(image -> !played.fetched.contains(image))
                    .forEach(image -> events.add(new Event.Fetched(id, image)));
        });
        return events;
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
            case Event.Fetched(var id, var image) -> {
                if (alive.containsKey(id)) {
                    of(id).fetched.add(image);
                }
            }
            case Event.Known(var id, var prompt) -> {
                if (alive.containsKey(id)) {
                    of(id).known = prompt;
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
            case Effect.Recall(var id, var recalled, var from) -> {
                assertThat(from).isEqualTo(of(id).read);
                recall(of(id), recalled);
            }
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
        assertThat(recalled.size()).isLessThanOrEqualTo(blocks);
        recall(played, recalled);
    }

    private void recall(Played played, List<Long> recalled) {
        for (int i = 0; i < recalled.size(); i++) {
            assertThat(kept.get(recalled.get(i))).isEqualTo(played.known.blocks().get(i));
        }
        played.read = recalled.size() * RandomDemands.BLOCK;
    }

    private void onRelease(SequenceId id) {
        assertThat(held.remove(id)).as("held by %s", id).isNotNull();
    }

    private void onKeep(SequenceId id, int index, long number) {
        assertThat(index).isLessThan(Objects.requireNonNull(held.get(id)));
        assertThat(kept.put(number, of(id).known.blocks().get(index))).isNull();
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
        assertThat(prefill.last() || prefill.to() % limits.tileRows() == 0).as("whole tiles").isTrue();
        var images = played.whole.images();
        assertThat(IntStream.range(0, images.size())
                .filter(i -> images.get(i).to() > prefill.from() && images.get(i).from() < prefill.to())
                .filter(image -> !played.fetched.contains(image))).as("rows that are not here").isEmpty();
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
