package sightline.language.stage;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import sightline.runtime.KnownNode;
import sightline.stage.v1.NodeReport;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;

/**
 * Where the further stages of a replica are, as far as the cluster knows: a pure function of what its nodes report.
 *
 * @param stages from 1 on, in order; empty where one is missing
 * @param problems what people should know, such as a stage that is there twice
 */
record StageMap(Optional<List<NodeReport>> stages, List<String> problems) {
    StageMap {
        problems = List.copyOf(problems);
    }

    /**
     * Of several nodes that say they are the same stage, the first by name is taken.
     *
     * @param head the name of the node that asks
     */
    static StageMap of(List<KnownNode> nodes, LinkTerms terms, String head) {
        var problems = new ArrayList<String>();
        var replica = nodes.stream()
                .filter(node -> node.report().getRole() == Role.ROLE_LANGUAGE
                        && node.report().getPlace().getReplica().equals(terms.replica())
                        && !node.report().getName().equals(head))
                .toList();
        replica.stream()
                .map(KnownNode::report)
                .filter(node -> node.getPlace().getStages() != terms.stages() || node.getPlace().getStage() == 0)
                .forEach(node -> problems.add(node.getName() + " says it is " + place(node)
                        + " (expected: a further stage of " + terms.stages() + ")"));
        var answering = replica.stream()
                .filter(node -> node.standing() == KnownNode.Standing.ANSWERING)
                .map(KnownNode::report)
                .toList();
        var found = IntStream.range(1, terms.stages())
                .mapToObj(stage -> one(stage, answering, terms.stages(), problems))
                .toList();
        return new StageMap(found.stream().allMatch(Optional::isPresent)
                ? Optional.of(found.stream().map(Optional::orElseThrow).toList())
                : Optional.empty(), problems);
    }

    private static Optional<NodeReport> one(int stage, List<NodeReport> answering, int stages, List<String> problems) {
        var here = answering.stream()
                .filter(node -> node.getPlace().getStage() == stage && node.getPlace().getStages() == stages)
                .toList();
        if (here.size() > 1) {
            problems.add("stage " + stage + " is there " + here.size() + " times: "
                    + String.join(", ", here.stream().map(NodeReport::getName).toList()));
        }
        var ready = here.stream().filter(node -> node.getState() == NodeState.NODE_STATE_SERVING).findFirst();
        if (ready.isEmpty()) {
            problems.add("stage " + stage + " is missing");
        }
        return ready;
    }

    private static String place(NodeReport node) {
        return "stage " + node.getPlace().getStage() + "/" + node.getPlace().getStages();
    }
}
