package sightline.language;

import java.util.List;
import sightline.language.kv.KvChange;
import sightline.language.schedule.Effect;

/** What the scheduler has decided about KV blocks, as changes of the memory that holds them. */
final class KvChanges {
    private KvChanges() {}

    /** In the order in which they are to be made. */
    static List<KvChange> of(Effect.OfKv effect) {
        return switch (effect) {
            case Effect.Admit(var id, var blocks, var recalled) ->
                    List.of(new KvChange.Reserve(id, blocks), new KvChange.Recall(id, recalled));
            case Effect.Recall(var id, var recalled, _) -> List.of(new KvChange.Recall(id, recalled));
            case Effect.Grow(var id, var blocks) -> List.of(new KvChange.Grow(id, blocks));
            case Effect.Release(var id) -> List.of(new KvChange.Release(id));
            case Effect.Keep(var id, var index, var number) -> List.of(new KvChange.Keep(id, index, number));
            case Effect.Drop(var number) -> List.of(new KvChange.Drop(number));
        };
    }
}
