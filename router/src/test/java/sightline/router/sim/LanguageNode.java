package sightline.router.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import sightline.router.session.Sabotage;
import sightline.stage.v1.GenerateCommand;
import sightline.stage.v1.GenerateEvent;
import sightline.wire.Failure;

/**
 * A language replica as routers see one: steps that give each sequence with credit a token, suspects alone and one at a
 * time, beats from another thread, and an ear for routers that fall silent.
 */
final class LanguageNode implements Node {
    private static final long BEAT_NANOS = VirtualTime.millis(500);
    private static final int MOST = 24;
    private static final int SLOWED = 10;
    private static final int MOST_SUSPECTS_IN_A_ROW = 3;

    private final NodeSpec spec;
    private final Machine machine;
    private final Moods moods;
    private final Sabotage sabotage;
    private final PictureSource pictures;
    private final Totals totals;
    private final Consumer<Sequence> onPoison;
    private final Set<Sequence> sequences = new LinkedHashSet<>();
    private boolean stepping;
    private int suspectsInARow;
    private long steps;

    /**
     * @param pictures where projected tokens are fetched
     * @param onPoison is told of the sequence that kills this process, which it then does
     */
    LanguageNode(NodeSpec spec, Machine machine, Sabotage sabotage, PictureSource pictures, Totals totals,
            Consumer<Sequence> onPoison) {
        this.spec = spec;
        this.machine = machine;
        this.moods = new Moods(machine.nowNanos());
        this.sabotage = sabotage;
        this.pictures = pictures;
        this.totals = totals;
        this.onPoison = onPoison;
        machine.every(BEAT_NANOS, this::beat);
    }

    Call.Listener<GenerateCommand> accept(Call<GenerateCommand, GenerateEvent> call) {
        var sequence = new Sequence(this, call);
        sequences.add(sequence);
        return sequence;
    }

    /** Why it takes no sequence more, if so. */
    Optional<Failure> refusal() {
        if (moods.is(Moods.Mood.DRAINING))
            return Optional.of(new Failure.Draining("this node is going away"));
        return moods.is(Moods.Mood.OVERLOADED) || sequences.size() > MOST
                ? Optional.of(new Failure.Overloaded("full", Duration.ofSeconds(1)))
                : Optional.empty();
    }

    /** A sequence may have something to do. */
    void awake() {
        offerTurn();
        if (stepping || sequences.stream().noneMatch(Sequence::isReady))
            return;
        stepping = true;
        machine.after(spec.stepNanos() * (moods.is(Moods.Mood.SLOW) ? SLOWED : 1), this::step);
    }

    private void offerTurn() {
        if (sequences.stream().noneMatch(Sequence::hasTurn))
            sequences.stream().filter(Sequence::waitsForTurn).findFirst().ifPresent(Sequence::offerTurn);
    }

    private void step() {
        stepping = false;
        if (!moods.is(Moods.Mood.STALLED)) {
            var batch = batch();
            steps++;
            for (var sequence : batch)
                if (sequence.isDeadly()) {
                    onPoison.accept(sequence);
                    return;
                }
            batch.forEach(Sequence::step);
        }
        awake();
    }

    /** The suspect in turn is alone in its steps, of which three in a row keep others waiting at most. */
    private List<Sequence> batch() {
        var suspect = sequences.stream().filter(Sequence::isAlone).filter(Sequence::isReady).findFirst();
        var others = sequences.stream().filter(s -> !s.isAlone() && s.isReady()).toList();
        boolean isSuspects = suspect.isPresent() && (others.isEmpty() || suspectsInARow < MOST_SUSPECTS_IN_A_ROW);
        suspectsInARow = isSuspects ? suspectsInARow + 1 : 0;
        return isSuspects ? List.of(suspect.orElseThrow()) : others;
    }

    private void beat() {
        List.copyOf(sequences).forEach(sequence -> sequence.beat(steps));
    }

    void leave(Sequence sequence) {
        sequences.remove(sequence);
        awake();
    }

    /** The ticket came after so many tiles of its prompt were read. */
    void onLateTicket(int tiles) {
        totals.one(Totals.Of.LATE_TICKETS);
        totals.add(Totals.Of.EARLY_TILES, tiles);
    }

    PictureSource pictures() {
        return pictures;
    }

    Sabotage sabotage() {
        return sabotage;
    }

    List<Sequence> sequences() {
        return new ArrayList<>(sequences);
    }

    @Override
    public void drain() {
        moods.set(Moods.Mood.DRAINING, machine.nowNanos());
        sequences().forEach(sequence -> sequence.refuse(new Failure.Draining("this node is going away")));
    }

    @Override
    public void cheerUp() {
        moods.set(Moods.Mood.WELL, machine.nowNanos());
        machine.post(this::awake);
    }

    @Override
    public NodeSpec spec() {
        return spec;
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public Moods moods() {
        return moods;
    }

    @Override
    public int held() {
        return sequences.size();
    }
}
