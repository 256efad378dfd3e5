package sightline.deploy.top;

import java.util.HashMap;
import java.util.Map;

/**
 * What a process has counted since it began, summed over labels, by metric.
 *
 * @param atNanos when it was read
 */
record Counters(Map<String, Double> totals, long atNanos) {
    Counters {
        totals = Map.copyOf(totals);
    }

    /**
     * Reads Prometheus' text format.
     *
     * @throws IllegalArgumentException where a line is none of it
     */
    static Counters parse(String text, long atNanos) {
        var totals = new HashMap<String, Double>();
        text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .forEach(line -> add(line, totals));
        return new Counters(totals, atNanos);
    }

    /** @param line {@code name value}, {@code name{labels} value}, either of them with a time behind */
    private static void add(String line, Map<String, Double> totals) {
        var name = line.split("[ {]", 2)[0];
        var behindName = line.substring(Math.max(name.length(), line.lastIndexOf('}') + 1)).strip();
        totals.merge(name, number(behindName.split(" ", 2)[0]), Double::sum);
    }

    private static double number(String text) {
        return Double.parseDouble(text.endsWith("Inf") ? text + "inity" : text);
    }

    /** 0 where nothing was counted yet: a metric with labels is not shown before. */
    double total(String metric) {
        return totals.getOrDefault(metric, 0.0);
    }
}
