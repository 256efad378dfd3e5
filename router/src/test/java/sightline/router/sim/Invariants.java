package sightline.router.sim;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import sightline.router.fleet.RunId;
import sightline.router.session.SimulatedRequest;
import sightline.router.session.SimulatedSession;
import sightline.router.session.SimulatedSession.Look;

/**
 * What holds after every event, whatever happened: sessions keep their deadlines, no more waits for a client than credit
 * allows, a replica that is gone is left in time, and where an equal one is there, it is found in time.
 */
final class Invariants {
    private static final long NOTICE_NANOS = VirtualTime.millis(500);
    private static final long FAILOVER_NANOS = VirtualTime.millis(2_500);
    private static final long PICTURES_NANOS = VirtualTime.millis(4_000);
    /** A node that has been well for so long is known to every router. */
    private static final long KNOWN_NANOS = VirtualTime.millis(4_000);

    private record Seeking(Router router, RunId id) {}

    private final World world;
    private final Map<Seeking, Long> seekingSince = new LinkedHashMap<>();

    Invariants(World world) {
        this.world = world;
    }

    void check() {
        for (var router : world.routers())
            if (router.machine().is(Machine.Condition.RUNNING))
                router.sessions().forEach(session -> check(router, session));
    }

    private void check(Router router, SimulatedSession session) {
        long awakeNanos = Math.max(router.machine().sinceNanos(), session.beganNanos());
        expect(now() - Math.max(session.deadlineNanos(), awakeNanos) <= NOTICE_NANOS, session,
                "runs on after its deadline");
        for (var look : session.looks()) {
            int credit = SimulatedRequest.RULES.creditTokens() - look.waiting();
            expect(credit >= 0, session, "keeps more than credit allows");
            var id = new RunId(session.id(), look.choice());
            boolean sought = look.place() == Look.Place.SEEKING && credit > 0; // else it could say nothing there
            if (!sought)
                seekingSince.remove(new Seeking(router, id));
            if (look.place() == Look.Place.ON_REPLICA)
                checkReplica(router, session, look, id);
            if (sought) {
                long since = seekingSince.computeIfAbsent(new Seeking(router, id), _ -> now());
                // Of several suspects of a request one is sought a replica at a time.
                if (!look.suspect() || session.answers() == 1)
                    checkSearch(router, session, since);
            }
        }
    }

    private void checkReplica(Router router, SimulatedSession session, Look look, RunId id) {
        var stream = router.stream(id);
        if (stream.isEmpty())
            return;
        var gone = goneSince(router.machine(), stream.get().call().called());
        if (gone.isEmpty())
            return;
        long since = Math.max(router.machine().sinceNanos(), Math.max(stream.get().openedNanos(), gone.get()));
        expect(now() - since <= FAILOVER_NANOS, session, "still trusts " + look.replica().orElseThrow());
    }

    /** Since when nothing is heard of a node; what a cut has held back is heard when it is mended. */
    private Optional<Long> goneSince(Machine router, Machine node) {
        var network = world.network();
        return node.is(Machine.Condition.RUNNING)
                ? network.cutSince(node.name(), router.name())
                : Optional.of(Math.max(node.sinceNanos(), network.wholeSince(node.name(), router.name()).orElse(0L)));
    }

    private void checkSearch(Router router, SimulatedSession session, long sinceNanos) {
        boolean pictures = session.pictures() > 0;
        for (var node : world.nodes()) {
            if (!(node instanceof LanguageNode) || !isEqual(node, session))
                continue;
            long known = knownSince(router, node);
            for (var other : world.nodes())
                if (pictures && other instanceof VisionNode)
                    known = Math.max(known, Math.max(knownSince(router, other), wholeSince(node, other)));
            long since = Math.max(sinceNanos, known);
            expect(now() - since <= (pictures ? PICTURES_NANOS : FAILOVER_NANOS), session,
                    "does not find " + node.machine());
        }
    }

    private static boolean isEqual(Node node, SimulatedSession session) {
        return session.languageFingerprint().map(node.spec().fingerprint()::equals).orElse(true);
    }

    /** Since when a router may be expected to use a node; never, where it is not well. */
    private long knownSince(Router router, Node node) {
        if (!node.machine().is(Machine.Condition.RUNNING) || !node.moods().is(Moods.Mood.WELL))
            return Long.MAX_VALUE / 2;
        long well = Math.max(node.machine().sinceNanos(), node.moods().sinceNanos());
        long awake = Math.max(well, router.machine().sinceNanos());
        long whole = world.network()
                .wholeSince(router.machine().name(), node.machine().name())
                .orElse(Long.MAX_VALUE / 2);
        return Math.max(awake, whole) + KNOWN_NANOS;
    }

    private long wholeSince(Node one, Node other) {
        return world.network().wholeSince(one.machine().name(), other.machine().name()).orElse(Long.MAX_VALUE / 2);
    }

    private long now() {
        return world.time().nowNanos();
    }

    /** What holds when everybody has gone home and some time has passed: nobody holds anything. */
    void checkEmpty() {
        for (var node : world.nodes())
            if (node.held() != 0)
                throw new AssertionError(node.machine() + " still holds " + node.held());
        for (var router : world.routers())
            if (router.held() != 0)
                throw new AssertionError(router.machine() + " still holds " + router.held());
    }

    private static void expect(boolean holds, SimulatedSession session, String otherwise) {
        if (!holds)
            throw new AssertionError(session.requestId() + " " + otherwise + ": " + session.looks());
    }
}
