package sightline.router.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Brings words from machine to machine, late, in order within a stream and in any order else, or not at all. */
final class Network {
    /** A way, in one direction. */
    record Way(String from, String to) {}

    private final VirtualTime time;
    private final Chance chance;
    private final Function<String, Machine> machines;
    private final List<Call<?, ?>> calls = new ArrayList<>();
    private final Map<Way, Long> cuts = new LinkedHashMap<>();
    private final Map<Way, Long> mended = new LinkedHashMap<>();
    private final Map<Way, List<Runnable>> held = new LinkedHashMap<>();

    /** @param machines the present life of each name */
    Network(VirtualTime time, Chance chance, Function<String, Machine> machines) {
        this.time = time;
        this.chance = chance;
        this.machines = machines;
    }

    VirtualTime time() {
        return time;
    }

    long arrivalNanos() {
        return time.nowNanos() + (chance.percent(3) ? chance.millis(5, 150) : chance.millis(0, 2));
    }

    Pipe pipe(Machine from, Machine to) {
        return new Pipe(this, from, to);
    }

    <Q, A> Call<Q, A> open(Machine caller, String to, Function<Call<Q, A>, Call.Listener<Q>> service,
            Call.Listener<A> ear) {
        var called = machines.apply(to);
        var call = new Call<Q, A>(this, caller, called, ear, chance.percent(60));
        calls.removeIf(Call::isOver);
        if (called.is(Machine.Condition.DEAD)) {
            call.finish("connection refused");
        } else {
            calls.add(call);
            call.begin(service);
        }
        return call;
    }

    /** Asks once; nothing comes back where either way is cut, the other one is gone, or time is over. */
    <T> void ask(Machine from, String to, Function<Machine, Optional<T>> question, long limitNanos,
            Consumer<Optional<T>> then) {
        var asked = machines.apply(to);
        var answer = new Consumer<Optional<T>>() {
            private boolean came;

            @Override
            public void accept(Optional<T> said) {
                if (!came) {
                    came = true;
                    then.accept(said);
                }
            }
        };
        if (asked.is(Machine.Condition.DEAD))
            from.after(chance.millis(0, 2), () -> answer.accept(Optional.empty()));
        else
            pipe(from, asked).deliver(() -> {
                var said = question.apply(asked);
                pipe(asked, from).deliver(() -> answer.accept(said));
            });
        from.after(limitNanos, () -> answer.accept(Optional.empty()));
    }

    /** Cluster gossip: may be lost, come twice, or come late. */
    void gossip(Machine from, Machine to, Runnable arrival) {
        if (isCut(from.name(), to.name()) || chance.percent(5))
            return;
        int copies = chance.percent(5) ? 2 : 1;
        for (int i = 0; i < copies; i++)
            to.after(chance.percent(5) ? chance.millis(100, 900) : chance.millis(0, 5), arrival);
    }

    boolean isCut(String from, String to) {
        return cuts.containsKey(new Way(from, to));
    }

    /** Since when nothing gets from one to the other; empty where it does. */
    Optional<Long> cutSince(String from, String to) {
        return Optional.ofNullable(cuts.get(new Way(from, to)));
    }

    /** Since when all is well both ways; empty where it is not. */
    Optional<Long> wholeSince(String one, String other) {
        return isCut(one, other) || isCut(other, one)
                ? Optional.empty()
                : Optional.of(Math.max(mended.getOrDefault(new Way(one, other), 0L),
                        mended.getOrDefault(new Way(other, one), 0L)));
    }

    /** Mends everything. */
    void mendAll() {
        List.copyOf(cuts.keySet()).forEach(way -> mend(way.from(), way.to()));
    }

    void hold(String from, String to, Runnable arrival) {
        held.computeIfAbsent(new Way(from, to), _ -> new ArrayList<>()).add(arrival);
    }

    void cut(String from, String to) {
        cuts.putIfAbsent(new Way(from, to), time.nowNanos());
    }

    void mend(String from, String to) {
        var way = new Way(from, to);
        if (cuts.remove(way) != null)
            mended.put(way, time.nowNanos());
        var waiting = held.remove(way);
        if (waiting != null)
            waiting.forEach(Runnable::run);
    }

    /** Whoever spoke with it hears of its death. */
    void died(Machine machine) {
        calls.stream().filter(call -> call.touches(machine)).toList().forEach(call -> call.end("the process ended"));
    }

    /** Breaks the streams from one machine to another; how many there were. */
    long reset(String from, String to) {
        var broken = calls.stream().filter(call -> !call.isOver() && call.isBetween(from, to)).toList();
        broken.forEach(call -> call.reset("connection reset"));
        mended.put(new Way(from, to), time.nowNanos());
        return broken.size();
    }
}
