package sightline.deploy.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Map;

/** A report for people and for programs. */
public final class ReportForms {
    private ReportForms() {}

    /** Some lines of text. */
    public static String text(Report report, Report.Limits limits) {
        return String.join("\n",
                "load %s: %d requests in %.1f s, %d answered%s%s".formatted(report.load(), report.requests(),
                        report.seconds(), report.answered(), counted("refused", report.refused()),
                        counted("failed", report.failures())),
                "  throughput %.2f tokens/s, %.3f answers/s; goodput %.3f answers/s (ttft <= %.2f s, token <= %.3f s)"
                        .formatted(report.tokensPerSecond(), report.answersPerSecond(), report.goodput(limits),
                                limits.ttftSeconds(), limits.tokenSeconds()),
                line("ttft", report.ttft()), line("time per output token", report.timePerOutputToken()),
                line("inter-token", report.interToken()),
                "  prompt positions not computed again: %.1f %%; mean seconds by stage: %s"
                        .formatted(100 * report.cachedShare(), stages(report)));
    }

    /** The same numbers; seconds, and a second. */
    public static JsonObject json(Report report, Report.Limits limits) {
        var json = new JsonObject();
        json.addProperty("load", report.load().toString());
        json.addProperty("requests", report.requests());
        json.addProperty("answered", report.answered());
        json.add("refused", json(report.refused()));
        json.add("failures", json(report.failures()));
        json.addProperty("seconds", report.seconds());
        json.addProperty("tokens_per_second", report.tokensPerSecond());
        json.addProperty("answers_per_second", report.answersPerSecond());
        json.addProperty("goodput_per_second", report.goodput(limits));
        json.addProperty("cached_share", report.cachedShare());
        json.add("ttft_seconds", json(report.ttft()));
        json.add("time_per_output_token_seconds", json(report.timePerOutputToken()));
        json.add("inter_token_seconds", json(report.interToken()));
        var stages = new JsonObject();
        report.stages().forEach((stage, seconds) -> stages.add(stage, number(seconds)));
        json.add("stage_seconds", stages);
        return json;
    }

    private static JsonObject json(Map<String, Long> counts) {
        var json = new JsonObject();
        counts.forEach(json::addProperty);
        return json;
    }

    private static JsonObject json(Percentiles values) {
        var json = new JsonObject();
        json.add("mean", number(values.mean()));
        json.add("p50", number(values.at(0.5)));
        json.add("p90", number(values.at(0.9)));
        json.add("p99", number(values.at(0.99)));
        return json;
    }

    /** JSON knows no NaN. */
    private static JsonElement number(double value) {
        return Double.isFinite(value)
                ? new JsonPrimitive(value)
                : JsonNull.INSTANCE;
    }

    private static String counted(String what, Map<String, Long> byReason) {
        return byReason.isEmpty() ? "" : ", " + what + ": " + byReason;
    }

    private static String line(String name, Percentiles values) {
        return "  %-22s p50 %.4f  p90 %.4f  p99 %.4f  mean %.4f s".formatted(name, values.at(0.5), values.at(0.9),
                values.at(0.99), values.mean());
    }

    private static String stages(Report report) {
        var text = new StringBuilder();
        report.stages().forEach((stage, seconds) -> text.append("%s %.3f ".formatted(stage, seconds)));
        return text.toString().strip();
    }
}
