package sightline.runtime;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import sightline.runtime.KnownNode.Standing;

/** What a process's directory tells, as a test waits for it. */
final class Watched {
    private final BlockingQueue<NodeDirectory.Known> told = new LinkedBlockingQueue<>();

    Watched(NodeProcess process) {
        var subscriber = process.spawn(Behaviors.<NodeDirectory.Known>receiveMessage(known -> {
            told.add(known);
            return Behaviors.same();
        }), "subscriber", Props.empty());
        process.spawn(NodeDirectory.create(subscriber), "directory", Props.empty());
    }

    /** The first telling that is as expected; the test's own timeout bounds the wait. */
    List<KnownNode> await(Predicate<List<KnownNode>> expected) throws InterruptedException {
        while (true) {
            var nodes = told.take().nodes();
            if (expected.test(nodes))
                return nodes;
        }
    }

    /** Whether a telling that nobody has waited for yet is as expected. */
    boolean wasTold(Predicate<List<KnownNode>> expected) {
        return told.stream().anyMatch(known -> expected.test(known.nodes()));
    }

    List<KnownNode> awaitNames(String... names) throws InterruptedException {
        return await(nodes -> answering(nodes).equals(List.of(names)));
    }

    private static List<String> answering(List<KnownNode> nodes) {
        return nodes.stream().filter(n -> n.standing() == Standing.ANSWERING).map(n -> n.report().getName()).toList();
    }
}
