package sightline.router.text;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the stop string that is complete first in a text, in time linear in the text whatever the stop strings are.
 *
 * <p>Of several that are complete at the same character it finds the longest. An Aho–Corasick automaton: its node after
 * a text tells the longest end of that text with which a stop string begins.
 */
public final class StopStrings {

    private static final class Node {
        private final Map<Character, Node> next = new HashMap<>();
        private final String stop;
        private final int length;
        private Node fallback = this;
        /** The longest stop string that ends here, or nothing. */
        private String match = "";

        private Node(String stop, int length) {
            this.stop = stop;
            this.length = length;
        }

        /** The beginning of a stop string that leads here. */
        private String prefix() {
            return stop.substring(0, length);
        }
    }

    /** What a portion of text made certain; with a match the scan is over. */
    public sealed interface Outcome {
        /** The part that may be shown. */
        String text();

        record Open(Scan next, String text) implements Outcome {}

        record Matched(String stop, String text) implements Outcome {}
    }

    /** An immutable point in a text: what was fed so far and not yet released could become a stop string. */
    public static final class Scan {
        private final Node node;

        private Scan(Node node) {
            this.node = node;
        }

        /** What is held back, as it reads if the text ends here. */
        public String rest() {
            return node.prefix();
        }

        public Outcome accept(String text) {
            Node at = node;
            for (int i = 0; i < text.length(); i++) {
                at = follow(at, text.charAt(i));
                if (!at.match.isEmpty())
                    return new Outcome.Matched(at.match, before(node, text.substring(0, i + 1), at.match.length()));
            }
            return new Outcome.Open(new Scan(at), before(node, text, at.length));
        }

        /** The same for a text in which no stop string may end; one that only begins in it is found later. */
        public Outcome.Open pass(String text) {
            Node at = node;
            for (int i = 0; i < text.length(); i++)
                at = follow(at, text.charAt(i));
            return new Outcome.Open(new Scan(at), before(node, text, at.length));
        }

        private static String before(Node start, String text, int heldBack) {
            var all = start.prefix() + text;
            return all.substring(0, all.length() - heldBack);
        }
    }

    private final Node root = new Node("", 0);

    private StopStrings(List<String> stops) {
        stops.forEach(this::add);
        linkFallbacks();
    }

    /** Finds any of {@code stops}, none of which is empty. */
    public static StopStrings of(List<String> stops) {
        if (stops.contains(""))
            throw new IllegalArgumentException("stops: an empty one (expected: at least one character)");
        return new StopStrings(stops);
    }

    public Scan start() {
        return new Scan(root);
    }

    private void add(String stop) {
        Node at = root;
        for (int i = 0; i < stop.length(); i++) {
            int length = i + 1;
            at = at.next.computeIfAbsent(stop.charAt(i), _ -> new Node(stop, length));
        }
        at.match = stop;
    }

    /** Breadth first: a node's fallback is shorter than it, and so is known before. */
    private void linkFallbacks() {
        root.fallback = root;
        var queue = new ArrayDeque<Node>(List.of(root));
        while (!queue.isEmpty()) {
            Node parent = queue.remove();
            for (var edge : new ArrayList<>(parent.next.entrySet())) {
                Node child = edge.getValue();
                child.fallback = parent == root ? root : follow(parent.fallback, edge.getKey());
                if (child.match.isEmpty())
                    child.match = child.fallback.match;
                queue.add(child);
            }
        }
    }

    private static Node follow(Node from, char character) {
        Node at = from;
        while (true) {
            Node next = at.next.get(character);
            if (next != null)
                return next;
            if (at.length == 0)
                return at;
            at = at.fallback;
        }
    }
}
