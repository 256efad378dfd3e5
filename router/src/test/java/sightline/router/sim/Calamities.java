package sightline.router.sim;

import java.util.ArrayList;
import java.util.List;
import sightline.stage.v1.Role;

/** The faults of one seed: drawn, injected at their time, and undone in the end. */
final class Calamities {
    /** From then on everything is mended, and whoever was killed comes back. */
    static final long CALM_NANOS = VirtualTime.millis(11_000);

    private static final int FIRST_MS = 700;
    private static final int LAST_MS = 7_500;

    private final World world;
    private final Chance chance;

    Calamities(World world, Chance chance) {
        this.world = world;
        this.chance = chance;
    }

    void plan() {
        int faults = chance.between(3, 9);
        for (int i = 0; i < faults; i++)
            world.time().at(chance.millis(FIRST_MS, LAST_MS), this::strike);
        world.time().at(CALM_NANOS, this::calm);
    }

    private void strike() {
        switch (chance.between(0, 9)) {
            case 0, 1, 2 -> crash(anybody());
            case 3, 4 -> freeze(anybody());
            case 5, 6 -> cut();
            case 7 -> reset();
            case 8 -> drain(chance.oneOf(world.nodes()));
            default -> upset(chance.oneOf(world.nodes()));
        }
    }

    private Machine anybody() {
        var all = new ArrayList<Machine>();
        world.nodes().forEach(node -> all.add(node.machine()));
        world.routers().forEach(router -> all.add(router.machine()));
        return chance.oneOf(all);
    }

    private void crash(Machine machine) {
        world.totals().one(Totals.Of.CRASHES);
        world.crash(machine, chance.millis(300, 3_000));
    }

    private void freeze(Machine machine) {
        if (!machine.is(Machine.Condition.RUNNING))
            return;
        world.totals().one(Totals.Of.FREEZES);
        world.trace().note("{} is stopped", machine);
        machine.stop();
        world.time().after(chance.millis(200, chance.percent(50) ? 1_500 : 9_000), () -> thaw(machine));
    }

    private void thaw(Machine machine) {
        if (machine.is(Machine.Condition.STOPPED)) {
            world.trace().note("{} goes on", machine);
            machine.goOn();
        }
    }

    /** Between a router and a node, or between two nodes; one way or both. */
    private void cut() {
        world.totals().one(Totals.Of.CUTS);
        var one = chance.percent(70) ? chance.oneOf(world.routers()).machine() : chance.oneOf(world.nodes()).machine();
        var other = chance.oneOf(world.nodes()).machine();
        boolean there = chance.percent(75);
        boolean back = !there || chance.percent(65);
        long nanos = chance.millis(300, 6_000);
        if (there)
            cut(one.name(), other.name(), nanos);
        if (back)
            cut(other.name(), one.name(), nanos);
    }

    private void cut(String from, String to, long nanos) {
        world.trace().note("nothing gets from {} to {}", from, to);
        world.network().cut(from, to);
        world.time().after(nanos, () -> {
            world.trace().note("mended from {} to {}", from, to);
            world.network().mend(from, to);
        });
    }

    private void reset() {
        var node = chance.oneOf(world.nodes()).machine();
        for (var router : world.routers()) {
            long broken = world.network().reset(router.machine().name(), node.name());
            world.totals().add(Totals.Of.RESETS, broken);
            world.trace().note("{} streams from {} to {} broken", broken, router.machine(), node);
        }
    }

    /** SIGTERM: it leaves in order, and another life begins. */
    private void drain(Node node) {
        if (!node.machine().is(Machine.Condition.RUNNING))
            return;
        world.totals().one(Totals.Of.DRAINS);
        world.trace().note("{} drains", node.machine());
        node.drain();
        world.time().after(VirtualTime.millis(1_500), () -> world.crash(node.machine(), chance.millis(300, 2_000)));
    }

    private void upset(Node node) {
        if (!node.moods().is(Moods.Mood.WELL))
            return;
        world.totals().one(Totals.Of.MOODS);
        var kinds = node.spec().role() == Role.ROLE_LANGUAGE
                ? List.of(Moods.Mood.OVERLOADED, Moods.Mood.STALLED, Moods.Mood.SLOW)
                : List.of(Moods.Mood.OVERLOADED, Moods.Mood.STALLED);
        var mood = chance.oneOf(kinds);
        world.trace().note("{} is {}", node.machine(), mood);
        node.moods().set(mood, world.time().nowNanos());
        world.time().after(chance.millis(500, 7_500), () -> cheerUp(node, mood));
    }

    private void cheerUp(Node node, Moods.Mood from) {
        if (node.moods().is(from)) {
            world.trace().note("{} is well", node.machine());
            node.cheerUp();
        }
    }

    private void calm() {
        world.trace().note("calm");
        world.becomeCalm();
        world.network().mendAll();
        world.nodes().forEach(node -> {
            thaw(node.machine());
            if (!node.moods().is(Moods.Mood.DRAINING))
                node.cheerUp();
        });
        world.routers().forEach(router -> thaw(router.machine()));
    }
}
