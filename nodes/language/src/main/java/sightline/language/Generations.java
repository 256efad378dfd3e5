package sightline.language;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.language.kv.KvShape;
import sightline.language.schedule.Effect;
import sightline.language.schedule.Event;
import sightline.language.schedule.SequenceId;
import sightline.runtime.LogValue;
import sightline.runtime.Places;
import sightline.wire.Failure;

/**
 * The requests that the language model knows of; whoever leaves gives its place back. The actor's alone.
 */
final class Generations {
    private static final Logger LOG = LoggerFactory.getLogger(Generations.class);

    private final Places places;
    private final Map<SequenceId, Generation> known = new HashMap<>();

    /** @param places of which every request holds one */
    Generations(Places places) {
        this.places = places;
    }

    void add(SequenceId id, Generation generation) {
        known.put(id, generation);
        generation.want();
    }

    Optional<Generation> of(SequenceId id) {
        return Optional.ofNullable(known.get(id));
    }

    /** Tells who was given KV blocks, or what was kept in them, or has given them back. */
    Optional<SequenceId> onKv(Effect.OfKv effect, long nowNanos) {
        return switch (effect) {
            case Effect.Admit(var id, _, var recalled) -> {
                of(id).ifPresent(one -> one.onReserved(recalled.size() * KvShape.BLOCK_POSITIONS, nowNanos));
                yield Optional.of(id);
            }
            case Effect.Recall(var id, var recalled, var from) -> {
                of(id).ifPresent(one -> one.onRecalled(from, recalled.size() * KvShape.BLOCK_POSITIONS));
                yield Optional.of(id);
            }
            case Effect.Release(var id) -> {
                of(id).ifPresent(Generation::onReleased);
                yield Optional.empty();
            }
            case Effect.Grow _,Effect.Keep _,Effect.Drop _ -> Optional.empty();
        };
    }

    Optional<Generation> leave(SequenceId id) {
        var left = Optional.ofNullable(known.remove(id));
        left.ifPresent(_ -> places.giveBack());
        return left;
    }

    /** Everybody leaves, and {@code end} tells each of them. */
    void endAll(Consumer<Generation> end) {
        List.copyOf(known.keySet()).forEach(id -> leave(id).ifPresent(end));
    }

    /** The token that a step made for a request; nothing where the request has broken in it, or is gone. */
    Optional<Event.Sampled> sampled(StepRunner.Result result) {
        return switch (result) {
            case StepRunner.Result.Token(var id) ->
                    of(id).map(generation -> new Event.Sampled(id, generation.isEnded()));
            case StepRunner.Result.Late(var id) -> Optional.of(new Event.Sampled(id, false));
            case StepRunner.Result.Broken _,StepRunner.Result.Diverged _ -> Optional.empty();
        };
    }

    /** Who leaves as it broke in a step, and has been told so. */
    Optional<SequenceId> broken(StepRunner.Result result) {
        return switch (result) {
            case StepRunner.Result.Token _,StepRunner.Result.Late _ -> Optional.empty();
            case StepRunner.Result.Broken(var id) -> {
                end(id, "logits are not finite", Failure.Bug::new);
                yield Optional.of(id);
            }
            case StepRunner.Result.Diverged(var id, var index) -> {
                var why = "token " + index + " came out differently when read again";
                end(id, why, _ -> new Failure.Diverged(why + " (expected: the same one)"));
                yield Optional.of(id);
            }
        };
    }

    private void end(SequenceId id, String why, Function<String, Failure> failure) {
        leave(id).ifPresent(generation -> {
            var requestId = generation.begin().requestId();
            LOG.error("event=request-broken request={} reason=\"{}\"", LogValue.of(requestId), why);
            generation.onFailure(failure.apply(requestId));
        });
    }
}
