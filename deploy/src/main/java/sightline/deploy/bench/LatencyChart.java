package sightline.deploy.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Latency against load as an SVG picture: time to first token and between tokens, median and 99th percentile. */
public final class LatencyChart {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 400;
    private static final int MARGIN = 60;

    private final List<Report> reports;
    private final double mostLoad;
    private final double mostSeconds;

    /** @param reports in the order of their loads, at least one */
    public LatencyChart(List<Report> reports) {
        this.reports = List.copyOf(reports);
        this.mostLoad = reports.stream().mapToDouble(report -> report.load().level()).max().orElseThrow();
        this.mostSeconds = Math.max(1e-3, reports.stream()
                .mapToDouble(report -> finite(report.ttft().at(0.99)))
                .max()
                .orElseThrow());
    }

    public String svg() {
        return String.join("\n",
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">"
                        .formatted(WIDTH, HEIGHT),
                "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>", axes(),
                series("#1f77b4", "ttft p50", 0, report -> report.ttft().at(0.5)),
                series("#ff7f0e", "ttft p99", 1, report -> report.ttft().at(0.99)),
                series("#2ca02c", "inter-token p50", 2, report -> report.interToken().at(0.5)),
                series("#d62728", "inter-token p99", 3, report -> report.interToken().at(0.99)), "</svg>", "");
    }

    private String axes() {
        int bottom = HEIGHT - MARGIN;
        return "<path d=\"M%1$d %2$d V%3$d H%4$d\" stroke=\"black\" fill=\"none\"/>".formatted(MARGIN, MARGIN, bottom,
                WIDTH - MARGIN)
                + "<text x=\"%d\" y=\"%d\">%.3g s</text>".formatted(8, MARGIN, mostSeconds)
                + "<text x=\"%d\" y=\"%d\">0</text>".formatted(MARGIN - 14, bottom)
                + "<text x=\"%d\" y=\"%d\">load %.4g</text>".formatted(WIDTH - MARGIN - 40, bottom + 20, mostLoad);
    }

    private String series(String color, String name, int row, ToDoubleFunction<Report> seconds) {
        var points = reports.stream()
                .map(report -> "%.1f,%.1f".formatted(x(report.load().level()),
                        y(finite(seconds.applyAsDouble(report)))))
                .collect(Collectors.joining(" "));
        return "<polyline points=\"%s\" stroke=\"%s\" fill=\"none\" stroke-width=\"2\"/>".formatted(points, color)
                + "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>".formatted(MARGIN + 10, 20 + 14 * row, color, name);
    }

    private double x(double load) {
        return MARGIN + load / mostLoad * (WIDTH - 2 * MARGIN);
    }

    private double y(double seconds) {
        return HEIGHT - MARGIN - Math.min(1, seconds / mostSeconds) * (HEIGHT - 2 * MARGIN);
    }

    private static double finite(double value) {
        return Double.isFinite(value) ? value : 0;
    }
}
