package sightline.router.sim;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import sightline.router.fleet.PeerId;
import sightline.router.session.Sabotage;
import sightline.router.session.SimulatedSession;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.Role;
import sightline.stage.v1.Ticket;

/** All processes in their present lives, the network between them, and the one clock. */
final class World {
    private static final long FETCH_LIMIT_NANOS = VirtualTime.millis(2_000);

    private final VirtualTime time = new VirtualTime();
    private final Totals totals = new Totals();
    private final Trace trace;
    private final Chance chance;
    private final Sabotage sabotage;
    private final Network network;
    private final Map<String, Machine> machines = new LinkedHashMap<>();
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Map<String, Router> routers = new LinkedHashMap<>();
    private final Map<SimulatedSession, Integer> poisoned = new LinkedHashMap<>();
    private boolean calm;

    World(Chance chance, Sabotage sabotage, boolean traced) {
        this.chance = chance;
        this.sabotage = sabotage;
        this.trace = new Trace(traced, time);
        this.network = new Network(time, chance.of("network"), name -> requireNonNull(machines.get(name)));
    }

    VirtualTime time() {
        return time;
    }

    Totals totals() {
        return totals;
    }

    Trace trace() {
        return trace;
    }

    Network network() {
        return network;
    }

    Sabotage sabotage() {
        return sabotage;
    }

    /** No more faults come. */
    void becomeCalm() {
        calm = true;
    }

    boolean isCalm() {
        return calm;
    }

    /** Begins a life of a process of this name. */
    Machine machine(String name) {
        var before = machines.get(name);
        var machine = new Machine(name, before == null ? 1 : before.incarnation() + 1, time);
        machines.put(name, machine);
        return machine;
    }

    void startRouter(String name) {
        var machine = machine(name);
        routers.put(name, new Router(machine, this, chance.of(machine.toString())));
    }

    void startNode(NodeSpec spec) {
        var machine = machine(spec.name());
        nodes.put(spec.name(), spec.role() == Role.ROLE_VISION
                ? new VisionNode(spec, machine)
                : new LanguageNode(spec, machine, sabotage, this::fetch, totals,
                        sequence -> poison(machine, sequence)));
    }

    /** Kills a process; it comes back after a while. */
    void crash(Machine machine, long backAfterNanos) {
        if (machine.is(Machine.Condition.DEAD))
            return;
        trace.note("{} dies", machine);
        machine.die();
        network.died(machine);
        time.after(backAfterNanos, () -> restart(machine));
    }

    private void restart(Machine machine) {
        trace.note("{} comes back", machine.name());
        var node = nodes.get(machine.name());
        if (node == null)
            startRouter(machine.name());
        else
            startNode(node.spec());
    }

    /** What no router hears does not count: a zombie computes what it had, and nobody knows how far it came. */
    private void poison(Machine machine, Sequence by) {
        totals.one(Totals.Of.POISON_CRASHES);
        trace.note("{} is poisoned by {} of {}", machine, by.requestId(), by.router());
        by.router()
                .flatMap(router -> session(router, by.requestId()))
                .ifPresent(session -> blame(session, poisoned.merge(session, 1, Integer::sum)));
        crash(machine, VirtualTime.millis(1_000));
    }

    private Optional<SimulatedSession> session(Machine router, String request) {
        return routers.values()
                .stream()
                .filter(present -> present.machine() == router)
                .flatMap(present -> present.sessions().stream())
                .filter(session -> session.requestId().equals(request))
                .findFirst();
    }

    /** Answers of one request that run on different nodes may each end the one that they are on. */
    private static void blame(SimulatedSession session, int processes) {
        if (processes > 1 + session.answers())
            throw new AssertionError(session.requestId() + " killed " + processes + " processes");
    }

    /**
     * A request whose process died from outside once more just in its turn is taken for the reason: a router cannot tell
     * that from poison. Before that, one that was stopped or cut off for long was as good as dead. Streams that break while
     * the process lives are no excuse.
     */
    boolean mayBeBlamed() {
        long deaths = totals.of(Totals.Of.CRASHES) + totals.of(Totals.Of.POISON_CRASHES);
        return deaths >= 1 && deaths + totals.of(Totals.Of.FREEZES) + totals.of(Totals.Of.CUTS) >= 2;
    }

    private void fetch(Machine to, List<Ticket> tickets, Consumer<Boolean> then) {
        if (tickets.isEmpty()) {
            then.accept(true);
            return;
        }
        var first = tickets.getFirst();
        fetch(to, first, first.getEndpointsList(), came -> {
            if (came)
                fetch(to, tickets.subList(1, tickets.size()), then);
            else
                then.accept(false);
        });
    }

    /** From the first of the endpoints that gives them. */
    private void fetch(Machine to, Ticket ticket, List<String> endpoints, Consumer<Boolean> then) {
        if (endpoints.isEmpty()) {
            then.accept(false);
            return;
        }
        Consumer<Boolean> orNext = came -> {
            if (came)
                then.accept(true);
            else
                fetch(to, ticket, endpoints.subList(1, endpoints.size()), then);
        };
        var router = routers.get(endpoints.getFirst());
        if (router == null)
            fetchFrom(to, endpoints.getFirst(), ticket, orNext);
        else
            relay(to, router, ticket, orNext);
    }

    private void fetchFrom(Machine to, String node, Ticket ticket, Consumer<Boolean> then) {
        network.<Boolean>ask(to, node, _ -> Optional.of(vision(node).holds(ticket.getSha256())), FETCH_LIMIT_NANOS,
                held -> then.accept(held.orElse(false)));
    }

    private void relay(Machine to, Router router, Ticket ticket, Consumer<Boolean> then) {
        network.<PeerId>ask(to, router.machine().name(), _ -> router.vision().holder(ticket), FETCH_LIMIT_NANOS,
                holder -> holder.ifPresentOrElse(
                        node -> fetchFrom(router.machine(), node.name(), ticket, came -> relayed(came, then)),
                        () -> then.accept(false)));
    }

    private void relayed(boolean came, Consumer<Boolean> then) {
        if (came)
            totals.one(Totals.Of.RELAYS);
        then.accept(came);
    }

    Optional<NodeDescription> description(Machine asked) {
        var node = requireNonNull(nodes.get(asked.name()));
        return Optional.of(node.spec().description(asked.incarnation(), node.state()));
    }

    List<Node> nodes() {
        return new ArrayList<>(nodes.values());
    }

    List<Router> routers() {
        return new ArrayList<>(routers.values());
    }

    LanguageNode language(String name) {
        return (LanguageNode) requireNonNull(nodes.get(name));
    }

    VisionNode vision(String name) {
        return (VisionNode) requireNonNull(nodes.get(name));
    }

    /** Any router; clients find out themselves whether it lives. */
    Router nextRouter(Chance drawn) {
        return drawn.oneOf(routers());
    }
}
