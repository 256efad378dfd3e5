package sightline.deploy.fault;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * On which node each answer was begun or gone on with last, as read from the request ids in the bytes that go there. For
 * any thread.
 */
final class Trail {
    /** How requests are named that leave one. */
    static final String ID_FORMAT = "trial-%06d";

    private static final Pattern ID = Pattern.compile("trial-\\d{6}");
    private static final int ID_LENGTH = 12;

    private final Map<String, String> ends = new ConcurrentHashMap<>();
    private final Map<String, String> nodes = new ConcurrentHashMap<>();
    private volatile BiConsumer<String, String> watch = (_, _) -> {};

    /** The router has sent bytes to that node. One connection to a node at a time. */
    void heard(String node, byte[] bytes) {
        var text = ends.getOrDefault(node, "") + new String(bytes, StandardCharsets.ISO_8859_1);
        var found = ID.matcher(text);
        int after = 0;
        while (found.find()) {
            nodes.put(found.group(), node);
            watch.accept(found.group(), node);
            after = found.end();
        }
        ends.put(node, text.substring(Math.max(after, text.length() - ID_LENGTH + 1)));
    }

    Optional<String> node(String request) {
        return Optional.ofNullable(nodes.get(request));
    }

    /** Of these, those that were seen on that node last. */
    Set<String> on(String node, Set<String> requests) {
        return requests.stream()
                .filter(request -> nodes.containsKey(request) && requireNonNull(nodes.get(request)).equals(node))
                .collect(Collectors.toSet());
    }

    /** From now on {@code watch} is told of every id and its node, on the thread of their connection. */
    void watch(BiConsumer<String, String> watch) {
        this.watch = watch;
    }
}
