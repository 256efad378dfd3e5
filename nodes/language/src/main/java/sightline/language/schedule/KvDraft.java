package sightline.language.schedule;

import java.util.ArrayList;
import java.util.List;

/** The KV blocks of a {@link Draft}: every change of the account is told as an effect. Mutable, lives for one transition. */
final class KvDraft {
    private final List<Effect> effects;
    private KvLedger ledger;

    KvDraft(KvLedger ledger, List<Effect> effects) {
        this.ledger = ledger;
        this.effects = effects;
    }

    KvLedger ledger() {
        return ledger;
    }

    /** Kept blocks that the prompt begins with. */
    List<Long> find(Demand demand) {
        return ledger.kept().find(demand.prompt().blocks());
    }

    /** Whether the sequence has room for so many positions, or can be given it by dropping what is kept. */
    boolean fits(SequenceId id, int positions) {
        return fits(id, positions, 0);
    }

    /** The same with more blocks free than are. */
    boolean fits(SequenceId id, int positions, int more) {
        return ledger.blocksFor(positions) - ledger.heldBy(id) <= ledger.freeBlocks() + ledger.keptBlocks() + more;
    }

    /**
     * Gives a sequence that {@link #fits} its first blocks.
     *
     * @param recalled kept blocks to begin with
     */
    void admit(SequenceId id, int positions, List<Long> recalled) {
        ledger = ledger.keeping(ledger.kept().use(recalled));
        int blocks = ledger.blocksFor(positions);
        var still = new ArrayList<Long>();
        makeRoom(blocks, recalled, still);
        ledger = ledger.hold(id, blocks);
        effects.add(new Effect.Admit(id, blocks, recalled));
        still.forEach(number -> effects.add(new Effect.Drop(number)));
    }

    /**
     * Gives a sequence what is kept of its prompt, if that is more than it has.
     *
     * @param from position up to which it has it
     * @return up to which it then has it
     */
    int recall(Sequence sequence, int from) {
        var recalled = find(sequence.demand());
        int to = recalled.size() * ledger.blockPositions();
        if (to <= from) {
            return from;
        }
        ledger = ledger.keeping(ledger.kept().use(recalled));
        effects.add(new Effect.Recall(sequence.id(), recalled, from));
        return to;
    }

    /** Gives a sequence that {@link #fits} more blocks, if it needs any. */
    void grow(SequenceId id, int positions) {
        int blocks = ledger.blocksFor(positions);
        if (blocks > ledger.heldBy(id)) {
            makeRoom(blocks - ledger.heldBy(id), List.of(), new ArrayList<>());
            ledger = ledger.hold(id, blocks);
            effects.add(new Effect.Grow(id, blocks));
        }
    }

    void release(SequenceId id) {
        ledger = ledger.release(id);
        effects.add(new Effect.Release(id));
    }

    /** Keeps copies of the whole blocks of a prompt that is in the store, as far as there is room. */
    void keep(Sequence sequence) {
        var blocks = sequence.demand().prompt().blocks();
        var chain = new ArrayList<>(ledger.kept().find(blocks));
        ledger = ledger.keeping(ledger.kept().use(chain));
        for (int index = chain.size(); index < blocks.size() && canKeepOneMore(chain); index++) {
            long number = ledger.kept().next();
            ledger = ledger.keeping(ledger.kept().keep(chain, blocks.get(index)));
            effects.add(new Effect.Keep(sequence.id(), index, number));
            chain.add(number);
        }
    }

    /** Drops the longest unused block where none is free, unless it belongs to the chain itself. */
    private boolean canKeepOneMore(List<Long> chain) {
        if (ledger.freeBlocks() > 0) {
            return true;
        }
        if (ledger.keptBlocks() == 0 || chain.contains(ledger.kept().longestUnused())) {
            return false;
        }
        effects.add(new Effect.Drop(drop()));
        return true;
    }

    /** Blocks about to be recalled are dropped last, and told after they were copied. */
    private void makeRoom(int blocks, List<Long> recalled, List<Long> dropLater) {
        while (ledger.freeBlocks() < blocks) {
            long dropped = drop();
            if (recalled.contains(dropped)) {
                dropLater.add(dropped);
            } else {
                effects.add(new Effect.Drop(dropped));
            }
        }
    }

    private long drop() {
        long number = ledger.kept().longestUnused();
        ledger = ledger.keeping(ledger.kept().drop(number));
        return number;
    }
}
