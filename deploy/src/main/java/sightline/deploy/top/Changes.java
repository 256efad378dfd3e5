package sightline.deploy.top;

import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import sightline.v1.Node;

/** What has become of nodes from look to look, the latest few, oldest first: a pure value. */
record Changes(List<String> latest) {
    private static final int KEPT = 5;
    private static final String NOBODY = "";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

    Changes {
        latest = List.copyOf(latest);
    }

    static Changes none() {
        return new Changes(List.of());
    }

    Changes and(Look before, Look now, LocalTime time) {
        var then = states(before);
        var states = states(now);
        var all = new ArrayList<>(latest);
        var names = new TreeMap<>(then);
        names.putAll(states);
        for (var name : names.keySet()) {
            var was = then.getOrDefault(name, NOBODY);
            var is = states.getOrDefault(name, NOBODY);
            if (!was.equals(is))
                all.add(TIME.format(time) + " " + name + " " + words(was, is));
        }
        return new Changes(all.subList(Math.max(0, all.size() - KEPT), all.size()));
    }

    private static SequencedMap<String, String> states(Look look) {
        var states = new TreeMap<String, String>();
        look.nodes().forEach(node -> states.put(node.getName(), node.getState()));
        return states;
    }

    private static String words(String was, String is) {
        if (was.equals(NOBODY))
            return "joined, " + is;
        return is.equals(NOBODY) ? "left, was " + was : was + ", now " + is;
    }
}
