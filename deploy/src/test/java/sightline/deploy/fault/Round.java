package sightline.deploy.fault;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import sightline.deploy.cluster.FaultyWay;
import sightline.deploy.cluster.ServedCluster;
import sightline.deploy.fault.Injection.Target;

/** Every subject is asked at once, and one blow is struck at the node of one of them, as soon as its client has so many tokens. */
final class Round {
    private static final long LIMIT_SECONDS = 30;

    private final ServedCluster cluster;
    private final FaultyWay way;
    private final Trail trail;
    private final Blow blow;
    private final Target target;
    private final String targetTrial;
    private final List<Trial> trials = new CopyOnWriteArrayList<>();
    private final AtomicBoolean isStruck = new AtomicBoolean();
    private final CompletableFuture<Injection> injection = new CompletableFuture<>();

    private Round(ServedCluster cluster, FaultyWay way, Trail trail, Blow blow, Target target, String targetTrial) {
        this.cluster = cluster;
        this.way = way;
        this.trail = trail;
        this.blow = blow;
        this.target = target;
        this.targetTrial = targetTrial;
    }

    record Struck(Injection injection, List<Trial> trials) {}

    /** @param firstTrial the number of its first trial; the others have those behind it */
    static Struck run(ServedCluster cluster, FaultyWay way, Trail trail, List<Subject> subjects, Blow blow,
            Target target, int firstTrial) throws Exception {
        var id = Trail.ID_FORMAT.formatted(firstTrial + subjects.indexOf(target.subject()));
        var round = new Round(cluster, way, trail, blow, target, id);
        trail.watch((request, _) -> round.opened(request));
        for (int i = 0; i < subjects.size(); i++)
            round.start(Trail.ID_FORMAT.formatted(firstTrial + i), subjects.get(i));
        var injection = round.injection.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        try {
            for (var trial : round.trials)
                trial.await();
        } finally {
            blow.wake(cluster, injection.node());
        }
        return new Struck(injection, round.trials);
    }

    private void start(String id, Subject subject) {
        boolean isTarget = subject.equals(target.subject());
        trials.add(new Trial(id, subject, cluster.inference(), (choice, tokens) -> {
            if (isTarget && choice == target.choice() && tokens >= target.token())
                strike();
        }));
    }

    /** The target's prompt is on its way to the node: before its first token, that is. */
    private void opened(String request) {
        if (target.token() == 0 && request.equals(targetTrial))
            strike();
    }

    private void strike() {
        if (!isStruck.compareAndSet(false, true))
            return;
        try {
            var node = trail.node(targetTrial).orElseThrow();
            var underWay = trials.stream().filter(trial -> !trial.isOver()).map(Trial::id).collect(Collectors.toSet());
            var hit = blow == Blow.CUT_ALL ? underWay : trail.on(node, underWay);
            long nanos = System.nanoTime();
            blow.strike(cluster, way, node);
            injection.complete(new Injection(blow, node, target, targetTrial, nanos, hit));
        } catch (RuntimeException e) {
            injection.completeExceptionally(e);
        }
    }
}
