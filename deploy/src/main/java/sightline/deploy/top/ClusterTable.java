package sightline.deploy.top;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import sightline.v1.Node;

/** A cluster as lines of text: sums, one line for each node, and the latest changes. A pure function. */
final class ClusterTable {
    private static final List<String> HEAD = List.of("NODE", "ROLE", "STATE", "ENDPOINT", "MODEL", "DEVICE", "DTYPE",
            "RUN", "WAIT", "KV BLOCKS", "STORE MiB", "STAGE", "RATE");
    private static final String NOTHING = "-";
    private static final double BYTES_PER_MIB = 1 << 20;

    private ClusterTable() {}

    /** @param before what rates are counted from */
    static List<String> lines(Look before, Look now, Changes changes) {
        var rows = new ArrayList<List<String>>(List.of(HEAD));
        now.nodes().forEach(node -> rows.add(row(node, now.perSecond(node, before))));
        var lines = new ArrayList<String>();
        lines.add(now.nodes().size() + " nodes by " + now.router() + "; " + sums(before, now));
        lines.add("");
        lines.addAll(aligned(rows));
        if (!changes.latest().isEmpty())
            lines.add("");
        lines.addAll(changes.latest());
        return lines.stream().map(ClusterTable::harmless).toList();
    }

    private static String sums(Look before, Look now) {
        var sums = new EnumMap<Throughput, Double>(Map.of(Throughput.REQUESTS, 0.0, Throughput.IMAGES, 0.0,
                Throughput.TOKENS, 0.0));
        for (var node : now.nodes())
            Throughput.of(node.getRole())
                    .ifPresent(throughput -> sums.merge(throughput, now.perSecond(node, before).orElse(0.0),
                            Double::sum));
        return sums.entrySet()
                .stream()
                .map(sum -> oneDigit(sum.getValue()) + " " + sum.getKey().unit())
                .collect(Collectors.joining(", "));
    }

    private static List<String> row(Node node, Optional<Double> perSecond) {
        var rate = Throughput.of(node.getRole())
                .flatMap(throughput -> perSecond.map(value -> oneDigit(value) + " " + throughput.unit()));
        return List.of(node.getName(), node.getRole(), node.getState(), node.getEndpoint(), node.getModel(),
                node.getDevice(), node.getDtype(), Integer.toString(node.getRunning()),
                Integer.toString(node.getWaiting()),
                share(node.getKvBlocksUsed(), node.getKvBlocksTotal(), Long::toString),
                share(node.getStoreBytesUsed(), node.getStoreBytesTotal(),
                        bytes -> oneDigit((double) bytes / BYTES_PER_MIB)),
                node.getStages() == 0 ? NOTHING : node.getStage() + "/" + node.getStages(), rate.orElse(NOTHING));
    }

    private static String share(long used, long total, LongFunction<String> form) {
        return total == 0 ? NOTHING : form.apply(used) + "/" + form.apply(total);
    }

    private static String oneDigit(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static List<String> aligned(List<List<String>> rows) {
        var widths = IntStream.range(0, HEAD.size())
                .map(column -> rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0))
                .toArray();
        return rows.stream()
                .map(row -> IntStream.range(0, HEAD.size())
                        .mapToObj(column -> padded(row.get(column), widths[column]))
                        .collect(Collectors.joining("  "))
                        .stripTrailing())
                .toList();
    }

    private static String padded(String text, int width) {
        var shown = text.isEmpty() ? NOTHING : text;
        return shown + " ".repeat(Math.max(0, width - shown.length()));
    }

    /** Names are what somebody wrote into a settings file: none may steer the terminal. */
    private static String harmless(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
