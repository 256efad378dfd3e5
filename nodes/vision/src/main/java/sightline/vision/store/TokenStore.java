package sightline.vision.store;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import sightline.wire.ImageKey;

/**
 * Projected tokens by image key, within a budget of bytes: leased tokens stay whatever the budget, the others give way in
 * order of their last use.
 *
 * <p>After every call either all bytes fit the budget or nothing but leased tokens is held; how many leases there are is
 * bounded by whoever grants them. Any thread: tokens are put in by the encoder and read by the threads of gRPC while the
 * encoder sits in native code, so this is a monitor and not an actor's state. Bytes that a reader has taken stay valid
 * after they were dropped.
 */
public final class TokenStore {
    private final long budgetBytes;
    /** Unleased tokens, the longest unused first. */
    private final Map<ImageKey, ProjectedTokens> idle = new LinkedHashMap<>();
    private final Map<ImageKey, Leased> leased = new HashMap<>();
    private final Map<Lease, ImageKey> keys = new HashMap<>();
    private long bytes;

    private record Leased(ProjectedTokens tokens, Set<Lease> leases) {}

    public TokenStore(long budgetBytes) {
        if (budgetBytes < 0) {
            throw new IllegalArgumentException("budgetBytes: " + budgetBytes + " (expected: >= 0)");
        }
        this.budgetBytes = budgetBytes;
    }

    /** Leases the tokens of this key if they are held. */
    public synchronized Optional<ProjectedTokens> lease(ImageKey key, Lease lease) {
        requireNew(lease);
        var held = held(key);
        held.ifPresent(tokens -> grant(tokens, lease));
        return held;
    }

    /**
     * Holds tokens and leases them; if there are some of that key already, those are kept and leased instead.
     *
     * @return the tokens that are held
     */
    public synchronized ProjectedTokens put(ProjectedTokens tokens, Collection<Lease> leases) {
        leases.forEach(this::requireNew);
        var kept = held(tokens.key()).orElseGet(() -> {
            bytes += tokens.byteLength();
            idle.put(tokens.key(), tokens);
            return tokens;
        });
        leases.forEach(lease -> grant(kept, lease));
        evict();
        return kept;
    }

    /** The tokens of this key, which thereby count as just used. */
    public synchronized Optional<ProjectedTokens> find(ImageKey key) {
        var unused = Optional.ofNullable(idle.remove(key));
        unused.ifPresent(tokens -> idle.put(key, tokens));
        return unused.or(() -> Optional.ofNullable(leased.get(key)).map(Leased::tokens));
    }

    /** Gives a lease back; without effect when it is not held. */
    public synchronized void release(Lease lease) {
        var key = keys.remove(lease);
        var entry = key == null ? null : leased.get(key);
        if (key == null || entry == null) {
            return;
        }
        entry.leases().remove(lease);
        if (entry.leases().isEmpty()) {
            leased.remove(key);
            idle.put(key, entry.tokens());
            evict();
        }
    }

    public synchronized long bytes() {
        return bytes;
    }

    public long budgetBytes() {
        return budgetBytes;
    }

    synchronized long leasedBytes() {
        return leased.values().stream().mapToLong(entry -> entry.tokens().byteLength()).sum();
    }

    synchronized int leases() {
        return keys.size();
    }

    private void requireNew(Lease lease) {
        if (keys.containsKey(lease)) {
            throw new IllegalArgumentException("lease: " + lease + " is held (expected: a new one)");
        }
    }

    private Optional<ProjectedTokens> held(ImageKey key) {
        return Optional.ofNullable(idle.get(key))
                .or(() -> Optional.ofNullable(leased.get(key)).map(Leased::tokens));
    }

    private void grant(ProjectedTokens tokens, Lease lease) {
        idle.remove(tokens.key());
        leased.computeIfAbsent(tokens.key(), _ -> new Leased(tokens, new HashSet<>())).leases().add(lease);
        keys.put(lease, tokens.key());
    }

    private void evict() {
        var longestUnused = idle.values().iterator();
        while (bytes > budgetBytes && longestUnused.hasNext()) {
            bytes -= longestUnused.next().byteLength();
            longestUnused.remove();
        }
    }
}
