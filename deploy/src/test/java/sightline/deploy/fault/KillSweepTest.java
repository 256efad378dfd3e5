package sightline.deploy.fault;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sightline.client.Answer;
import sightline.deploy.client.RunningRequest;
import sightline.deploy.cluster.FaultyWay;
import sightline.deploy.cluster.ServedCluster;
import sightline.deploy.fault.Injection.Target;

/** Answers of two language nodes that are struck behind every token, by reset connections, kills and pauses. */
@Timeout(600)
class KillSweepTest {
    private static final long SEED = Long.getLong("sightline.seed", 7);
    private static final int FAILOVERS = Integer.getInteger("sightline.failovers", 1_000);
    private static final int KILLS = 10;
    private static final int STOPS = 20;
    private static final long LIMIT_SECONDS = 60;
    private static final Duration FREED = Duration.ofSeconds(5);
    private static final double GENEROUS_SECONDS = 10;

    private static final Trail TRAIL = new Trail();
    private static final FaultyWay WAY = new FaultyWay(TRAIL::heard);

    /** Slow steps, so that a blow behind a token comes before the next one. */
    @RegisterExtension
    static final ServedCluster CLUSTER = new ServedCluster(1, 2,
            Map.of("fault-hooks.enabled", "true", "fault-hooks.delay-step-millis", "8",
                    "language.threads", "1", "vision.threads", "1"))
            .reachedBy(WAY);

    @Test
    void answersAreTheSameWhereverTheirNodesAreStruck() throws Exception {
        var subjects = Subject.all();
        var unfailed = unfailed(subjects);
        var history = new History(unfailed);
        var schedule = new KillSchedule(SEED, unfailed, KILLS, STOPS, FAILOVERS);
        System.out.printf("seed %d: %d subjects, %d places%n", SEED, subjects.size(), schedule.placesLeft());
        var subjectOf = new HashMap<String, Subject>();
        for (int first = 0; !schedule.isOver(failovers().values().stream().mapToLong(n -> n).sum()); first += subjects
                .size()) {
            var struck = Round.run(CLUSTER, WAY, TRAIL, subjects, schedule.blow(CLUSTER.serving().size()),
                    schedule.place(), first);
            history.add(struck);
            struck.trials().forEach(trial -> subjectOf.put(trial.id(), trial.subject()));
            if (struck.injection().blow() == Blow.STOP)
                awaitFreed(struck.injection().node());
            log().failovers()
                    .stream()
                    .filter(line -> subjectOf.containsKey(line.request()))
                    .forEach(line -> schedule.struck(
                            new Target(requireNonNull(subjectOf.get(line.request())), line.choice(), line.tokens())));
        }
        print(history);
        history.check(log(), failovers());
        assertThat(history.blows(Blow.KILL) + history.blows(Blow.STOP)).isEqualTo(KILLS + STOPS);
        assertThat(history.gapSeconds(Blow.KILL, 0.99)).isLessThan(GENEROUS_SECONDS);
        assertThat(history.gapSeconds(Blow.STOP, 0.99)).isLessThan(GENEROUS_SECONDS);
    }

    private static Map<Subject, Answer> unfailed(List<Subject> subjects) throws Exception {
        var answers = new LinkedHashMap<Subject, Answer>();
        for (var subject : subjects)
            answers.put(subject,
                    RunningRequest.start(CLUSTER.inference(), subject.request()).awaitAnswer(LIMIT_SECONDS));
        return answers;
    }

    private static void awaitFreed(String node) throws Exception {
        for (var gauge : List.of("sightline_sequences_running", "sightline_sequences_waiting",
                "sightline_kv_blocks_used"))
            CLUSTER.metrics(node).await(gauge, value -> value == 0, FREED);
    }

    private static RouterLog log() throws Exception {
        return RouterLog.parse(CLUSTER.log("router-1"));
    }

    /** By cause, as the router counts them. */
    private static Map<String, Long> failovers() throws Exception {
        return CLUSTER.metrics("router-1")
                .read()
                .stream()
                .filter(line -> line.startsWith("sightline_failovers_total{") && !line.endsWith(" 0.0"))
                .collect(Collectors.toMap(line -> line.replaceAll(".*cause=\"(\\w+)\".*", "$1"),
                        line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))));
    }

    private static void print(History history) throws Exception {
        var page = CLUSTER.metrics("router-1");
        System.out.printf(
                "injected: %d resets of one connection, %d of all, %d kills, %d pauses; failovers %s; %.0f tokens replayed, %.0f fenced%n",
                history.blows(Blow.CUT), history.blows(Blow.CUT_ALL), history.blows(Blow.KILL),
                history.blows(Blow.STOP), failovers(),
                page.value("sightline_replayed_tokens_total"), page.value("sightline_fenced_tokens_total"));
        System.out.printf("answers %d, tokens %d: 0 lost, 0 doubled, 0 changed%n", history.answered(),
                history.tokens());
        for (var blow : Blow.values())
            System.out.printf("seconds without a token, %s: p50 %.3f p99 %.3f%n", blow,
                    history.gapSeconds(blow, 0.5), history.gapSeconds(blow, 0.99));
    }
}
