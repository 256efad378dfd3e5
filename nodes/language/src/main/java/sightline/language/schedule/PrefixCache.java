package sightline.language.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Which prompt blocks are kept beyond their sequence, so that a prompt that begins alike need not be read again.
 *
 * <p>Immutable. A block is found by its content and by the block before it, compared in full: two prompts share a block
 * only if they are equal up to its end. A block is always used later than those that follow it, so that the longest
 * unused one has none that follow.
 *
 * @param keys of the kept blocks by number, the longest unused first
 * @param numbers of the kept blocks by key
 * @param next number; never given twice
 */
public record PrefixCache(SequencedMap<Long, Key> keys, Map<PrefixCache.Key, Long> numbers, long next) {
    private static final long ROOT = 0;

    /**
     * What a block is found by.
     *
     * @param before number of the block before it
     */
    record Key(long before, PromptBlock block) {}

    static PrefixCache empty() {
        return new PrefixCache(new LinkedHashMap<>(), Map.of(), ROOT + 1);
    }

    int size() {
        return keys.size();
    }

    /** Numbers of the longest kept beginning of these blocks, in order. */
    List<Long> find(List<PromptBlock> blocks) {
        var found = new ArrayList<Long>();
        long before = ROOT;
        for (var block : blocks) {
            var number = numbers.get(new Key(before, block));
            if (number == null) {
                break;
            }
            found.add(number);
            before = number;
        }
        return found;
    }

    /**
     * Counts blocks as just used.
     *
     * @param chain numbers from the first block on
     */
    PrefixCache use(List<Long> chain) {
        var order = new LinkedHashMap<>(keys);
        chain.reversed().forEach(number -> order.putLast(number, order.get(number)));
        return new PrefixCache(order, numbers, next);
    }

    /** Keeps one more block behind a kept one, or as a first one. */
    PrefixCache keep(List<Long> before, PromptBlock block) {
        var key = new Key(before.isEmpty() ? ROOT : before.getLast(), block);
        var order = new LinkedHashMap<>(keys);
        order.putLast(next, key);
        var all = new HashMap<>(numbers);
        all.put(key, next);
        return new PrefixCache(order, all, next + 1).use(before);
    }

    /** The number of the longest unused block; there must be one. */
    long longestUnused() {
        return keys.firstEntry().getKey();
    }

    PrefixCache drop(long number) {
        var order = new LinkedHashMap<>(keys);
        var key = order.remove(number);
        var all = new HashMap<>(numbers);
        all.remove(key);
        return new PrefixCache(order, all, next);
    }
}
