package sightline.deploy.fault;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import sightline.client.Answer;
import sightline.deploy.fault.RouterLog.FailoverLine;
import sightline.v1.Started;
import sightline.v1.Usage;

/** What was done to a cluster and what its clients saw, and whether the router's log and metrics agree. */
final class History {
    /** The client reads behind the router: a blow at one of the last tokens may come when all are there. */
    private static final int MOVING_PERCENT = 80;

    private final Map<Subject, Answer> unfailed;
    private final List<Injection> injections = new ArrayList<>();
    private final Map<String, Answer> answers = new HashMap<>();
    private final Map<Blow, List<Long>> gapNanos = new HashMap<>();

    History(Map<Subject, Answer> unfailed) {
        this.unfailed = Map.copyOf(unfailed);
    }

    List<Injection> injections() {
        return List.copyOf(injections);
    }

    /** Adds a round, each answer of which must be that of the unfailed run. */
    void add(Round.Struck round) throws Exception {
        injections.add(round.injection());
        for (var trial : round.trials()) {
            var answer = trial.await();
            assertSame(trial, answer);
            answers.put(trial.id(), answer);
            if (answer.finished().getTimeline().getFailovers() > 0)
                gapNanos.computeIfAbsent(round.injection().blow(), _ -> new ArrayList<>())
                        .add(trial.longestGapNanos(round.injection().nanos()));
        }
    }

    /** Ids, texts, scores and ends, usage, and what the client was told at the beginning. */
    private void assertSame(Trial trial, Answer answer) {
        var expected = requireNonNull(unfailed.get(trial.subject()));
        var what = trial.id() + ", " + trial.subject().name();
        assertThat(answer.choices()).as(what).isEqualTo(expected.choices());
        assertThat(usage(answer)).as(what).isEqualTo(usage(expected));
        assertThat(started(answer)).as(what).isEqualTo(started(expected));
    }

    /** But for what depends on the prompts that a node has seen before. */
    private static Usage usage(Answer answer) {
        return answer.finished().getUsage().toBuilder().clearCachedPromptTokens().build();
    }

    private static Started started(Answer answer) {
        return answer.started().toBuilder().clearRequestId().build();
    }

    /**
     * Nearly each blow has moved the answer that it was meant for, and the rest came behind its last token; each answer was
     * moved as often as its client was told; and none lost its stream but by a blow.
     *
     * @param causes what the router has counted of each cause
     */
    void check(RouterLog log, Map<String, Long> causes) {
        var lines = log.failovers().stream().filter(line -> answers.containsKey(line.request())).toList();
        var ofRequest = lines.stream().collect(Collectors.groupingBy(FailoverLine::request));
        answers.forEach((id, answer) -> assertThat(ofRequest.getOrDefault(id, List.of())).as(id)
                .hasSize(answer.finished().getTimeline().getFailovers()));
        assertThat(lines.stream().collect(Collectors.groupingBy(FailoverLine::cause, Collectors.counting())))
                .isEqualTo(causes);
        var moving = injections.stream().filter(injection -> ofRequest.containsKey(injection.targetTrial())).toList();
        assertThat(moving).hasSizeGreaterThan(injections.size() * MOVING_PERCENT / 100);
        for (var injection : moving)
            checkMoved(injection, requireNonNull(ofRequest.get(injection.targetTrial())).getFirst(), log);
        var hit = injections.stream().flatMap(injection -> injection.hit().stream()).collect(Collectors.toSet());
        assertThat(lines).filteredOn(line -> line.tokens() > 0 && line.cause().equals("broken"))
                .allMatch(line -> hit.contains(line.request()));
    }

    private static void checkMoved(Injection injection, FailoverLine move, RouterLog log) {
        assertThat(move.cause()).as("%s %s at %s", injection.blow(), move, injection.node())
                .isEqualTo(injection.blow() == Blow.STOP ? "silent" : "broken");
        assertThat(log.losses())
                .contains(new RouterLog.LossLine(injection.node(), injection.targetTrial()));
    }

    /** Tokens that the answers had together. */
    long tokens() {
        return answers.values().stream().mapToLong(answer -> answer.finished().getUsage().getCompletionTokens()).sum();
    }

    int answered() {
        return answers.size();
    }

    long blows(Blow blow) {
        return injections.stream().filter(injection -> injection.blow() == blow).count();
    }

    /** The smallest pause that this share of the answers that were moved by such blows did not exceed. */
    double gapSeconds(Blow blow, double share) {
        var sorted = gapNanos.getOrDefault(blow, List.of()).stream().sorted().toList();
        return sorted.get(Math.max(0, (int) Math.ceil(share * sorted.size()) - 1)) / 1e9;
    }
}
