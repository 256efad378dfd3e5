package sightline.deploy.bench;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import sightline.v1.Finished;
import sightline.v1.Timeline;

/** What a run came to, as a client sees it: times in seconds. */
public final class Report {
    private final Load load;
    private final List<Sample> samples;
    private final List<Sample> whole;

    Report(Load load, List<Sample> samples) {
        this.load = load;
        this.samples = List.copyOf(samples);
        this.whole = this.samples.stream().filter(Sample::isWhole).toList();
    }

    public Load load() {
        return load;
    }

    int requests() {
        return samples.size();
    }

    int answered() {
        return whole.size();
    }

    /** Whether any request was answered; under overload not all are. */
    public boolean hasAnswers() {
        return !whole.isEmpty();
    }

    /** Requests that the cluster would not take for now, by reason. */
    Map<String, Long> refused() {
        return reasons(Sample.Failure::refused);
    }

    /** Others that were not answered, by reason. */
    Map<String, Long> failures() {
        return reasons(failure -> !failure.refused());
    }

    private Map<String, Long> reasons(Predicate<Sample.Failure> which) {
        return samples.stream()
                .flatMap(sample -> sample.failure().stream())
                .filter(which)
                .collect(Collectors.groupingBy(Sample.Failure::reason, TreeMap::new, Collectors.counting()));
    }

    /** From the first request to the last end. */
    double seconds() {
        long from = samples.stream().mapToLong(Sample::sentNanos).min().orElse(0);
        long to = samples.stream().mapToLong(Sample::endNanos).max().orElse(0);
        return (to - from) / 1e9;
    }

    double tokensPerSecond() {
        return whole.stream().mapToInt(sample -> sample.tokenNanos().size()).sum() / seconds();
    }

    double answersPerSecond() {
        return whole.size() / seconds();
    }

    /** Answers a second that kept both limits. */
    double goodput(Limits limits) {
        return whole.stream().filter(limits::hold).count() / seconds();
    }

    Percentiles ttft() {
        return Percentiles.of(whole.stream().mapToDouble(Sample::ttftSeconds));
    }

    Percentiles timePerOutputToken() {
        return Percentiles.of(whole.stream()
                .filter(sample -> sample.tokenNanos().size() > 1)
                .mapToDouble(Sample::timePerOutputTokenSeconds));
    }

    /** Times between one token and the next, of all answers together. */
    Percentiles interToken() {
        return Percentiles.of(whole.stream().flatMapToDouble(Report::gaps));
    }

    /** Mean time that a request spent in each stage, by the cluster's own account. */
    Map<String, Double> stages() {
        var stages = new TreeMap<String, Double>();
        stages.put("queue", mean(Timeline::getQueueUs));
        stages.put("preprocess", mean(Timeline::getPreprocessUs));
        stages.put("encode", mean(Timeline::getEncodeUs));
        stages.put("handoff", mean(Timeline::getHandoffUs));
        stages.put("prefill", mean(Timeline::getPrefillUs));
        stages.put("decode", mean(Timeline::getDecodeUs));
        return stages;
    }

    /** Prompt positions that were not computed again, of all. */
    double cachedShare() {
        var usages = whole.stream().flatMap(sample -> sample.finished().stream()).map(Finished::getUsage).toList();
        long prompt = usages.stream().mapToLong(usage -> usage.getPromptTokens()).sum();
        return prompt == 0 ? 0 : usages.stream().mapToLong(u -> u.getCachedPromptTokens()).sum() / (double) prompt;
    }

    /**
     * What a good answer keeps.
     *
     * @param ttftSeconds time to first token
     * @param tokenSeconds time per output token
     */
    public record Limits(double ttftSeconds, double tokenSeconds) {
        boolean hold(Sample sample) {
            return sample.ttftSeconds() <= ttftSeconds && sample.timePerOutputTokenSeconds() <= tokenSeconds;
        }
    }

    private double mean(ToLongFunction<Timeline> micros) {
        return whole.stream()
                .flatMap(sample -> sample.finished().stream())
                .mapToLong(finished -> micros.applyAsLong(finished.getTimeline()))
                .average()
                .orElse(Double.NaN) / 1e6;
    }

    private static DoubleStream gaps(Sample sample) {
        var times = sample.tokenNanos();
        return IntStream.range(1, times.size()).mapToDouble(i -> (times.get(i) - times.get(i - 1)) / 1e9);
    }
}
