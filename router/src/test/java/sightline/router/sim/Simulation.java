package sightline.router.sim;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sightline.router.request.Requests;
import sightline.router.session.Sabotage;
import sightline.stage.v1.Role;
import sightline.v1.GenerateRequest;

/** One seed, from its first process to the moment when nobody holds anything any more. */
final class Simulation {
    /** How it went; {@code violation} says what was broken, if anything was. */
    record Outcome(long seed, Totals totals, Optional<AssertionError> violation, String trace) {}

    private static final long LONGEST_NANOS = VirtualTime.millis(200_000);
    /** As long as a node may take to give up a router that it does not hear. */
    private static final long AFTERMATH_NANOS = VirtualTime.millis(12_000);
    private static final ByteString PICTURE = Requests.picture();

    private final World world;
    private final Chance chance;
    private final Invariants invariants;
    private final List<Customer> customers = new ArrayList<>();

    private Simulation(long seed, Sabotage sabotage, boolean traced) {
        this.chance = new Chance(seed);
        this.world = new World(chance, sabotage, traced);
        this.invariants = new Invariants(world);
    }

    /** @param traced whether the trace is kept; it changes nothing else */
    static Outcome run(long seed, Sabotage sabotage, boolean traced) {
        var simulation = new Simulation(seed, sabotage, traced);
        try {
            simulation.populate();
            simulation.unfold();
            return simulation.outcome(seed, Optional.empty());
        } catch (AssertionError e) {
            return simulation.outcome(seed, Optional.of(e));
        }
    }

    private Outcome outcome(long seed, Optional<AssertionError> violation) {
        return new Outcome(seed, world.totals(), violation, world.trace().text());
    }

    private void populate() {
        var drawn = chance.of("population");
        int routers = drawn.between(1, 3);
        for (int i = 1; i <= routers; i++)
            world.startRouter("router-" + i);
        int languages = drawn.between(2, 4);
        for (int i = 1; i <= languages; i++)
            world.startNode(language(i, drawn));
        int visions = drawn.between(1, 3);
        for (int i = 1; i <= visions; i++)
            world.startNode(vision(i, drawn));
        int requests = drawn.between(3, 7);
        for (int i = 1; i <= requests; i++)
            arrive(i, drawn);
        new Calamities(world, chance.of("calamities")).plan();
    }

    private static NodeSpec vision(int number, Chance drawn) {
        var print = number > 2 && drawn.percent(30) ? "sees-b" : "sees-a";
        return new NodeSpec("vision-" + number, Role.ROLE_VISION, print, print, drawn.millis(10, 120));
    }

    private NodeSpec language(int number, Chance drawn) {
        boolean other = number > 2 && drawn.percent(30);
        var print = other ? "speaks-b" : "speaks-a";
        var bits = number == 2 && world.sabotage() == Sabotage.OTHER_NUMERICS ? "speaks-c" : print;
        return new NodeSpec("language-" + number, Role.ROLE_LANGUAGE, print, bits, drawn.millis(8, 90));
    }

    private void arrive(int number, Chance drawn) {
        var customer = new Customer(world, world.machine("client-" + number), chance.of("client-" + number),
                request(number, drawn), Habits.drawn(drawn));
        customers.add(customer);
        world.time().at(drawn.millis(600, 6_000), customer::begin);
    }

    private static GenerateRequest request(int number, Chance drawn) {
        int pictures = drawn.percent(40) ? drawn.between(1, 3) : 0;
        var text = "<image>".repeat(pictures) + "question " + number + " " + "x".repeat(drawn.between(0, 30));
        var files = new ByteString[pictures];
        for (int i = 0; i < pictures; i++)
            files[i] = PICTURE.concat(ByteString.copyFromUtf8("#" + drawn.between(1, 4)));
        var request = Requests.prompt(drawn.percent(4) ? Poison.prompt(text, drawn.between(-1, 6)) : text, files);
        request.setRequestId("request-" + number);
        request.getSamplingBuilder().setN(drawn.percent(25) ? drawn.between(2, 3) : 1);
        request.getStoppingBuilder().setMaxNewTokens(drawn.between(1, 60));
        if (drawn.percent(30))
            request.getStoppingBuilder().addStop("circle");
        return request.build();
    }

    private void unfold() {
        while (!isOver()) {
            if (!world.time().step(LONGEST_NANOS))
                throw new AssertionError("no end: " + customers);
            world.totals().one(Totals.Of.EVENTS);
            invariants.check();
        }
        long endNanos = world.time().nowNanos() + AFTERMATH_NANOS;
        while (world.time().step(endNanos))
            invariants.check();
        invariants.checkEmpty();
    }

    private boolean isOver() {
        return world.isCalm() && customers.stream().allMatch(Customer::isEnded);
    }
}
