package sightline.deploy.fault;

import java.util.List;
import java.util.regex.Pattern;

/** What a router has logged of failovers. */
record RouterLog(List<FailoverLine> failovers, List<LossLine> losses) {
    private static final Pattern FAILOVER = Pattern
            .compile("event=failover request=(\\S+) choice=(\\d+) epoch=(\\d+) tokens=(\\d+) cause=(\\w+) ");
    private static final Pattern LOSS = Pattern.compile("event=node-lost node=(\\S+) reason=\"request (\\S+): ");

    record FailoverLine(String request, int choice, int epoch, int tokens, String cause) {}

    /** A node was given up since the stream of that request to it was lost. */
    record LossLine(String node, String request) {}

    static RouterLog parse(String text) {
        return new RouterLog(
                FAILOVER.matcher(text)
                        .results()
                        .map(found -> new FailoverLine(found.group(1), Integer.parseInt(found.group(2)),
                                Integer.parseInt(found.group(3)), Integer.parseInt(found.group(4)), found.group(5)))
                        .toList(),
                LOSS.matcher(text).results().map(found -> new LossLine(found.group(1), found.group(2))).toList());
    }
}
