package sightline.language.model;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import sightline.language.kv.KvChange;

/**
 * The stages behind the first one of a replica, wherever they are. What they are told takes effect in the order in which
 * it was told.
 */
public interface FurtherStages extends AutoCloseable {
    /** What each of them has found out about itself, in their order. */
    List<StageProof> proofs();

    /** Changes what the KV memory of all of them holds. */
    void change(KvChange change);

    /**
     * Sends rows through all of them.
     *
     * @param joined whether tiles may share a call
     * @param rows [rows, hidden] of the type computed in, as bytes
     * @return [answered rows, hidden], likewise, in the order of the calls; fails once a stage is lost
     */
    CompletableFuture<byte[]> forward(RowLayout layout, boolean joined, byte[] rows);

    /** Lets them go: what they hold for this replica is freed, and what is under way fails. */
    @Override
    void close();

    /** There is none: what the first stage gives is the answer. */
    static FurtherStages none() {
        return new FurtherStages() {
            @Override
            public List<StageProof> proofs() {
                return List.of();
            }

            @Override
            public void change(KvChange change) {}

            @Override
            public CompletableFuture<byte[]> forward(RowLayout layout, boolean joined, byte[] rows) {
                return CompletableFuture.completedFuture(rows);
            }

            @Override
            public void close() {}
        };
    }
}
