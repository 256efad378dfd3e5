package sightline.model;

import java.util.List;

/** A checkpoint directory cannot be served; names everything that is wrong with it at once. */
public final class ModelProblem extends Exception {
    private static final long serialVersionUID = 1;
    private static final int SHOWN = 20;

    private final transient List<String> problems;

    public ModelProblem(List<String> problems) {
        super(text(problems));
        this.problems = List.copyOf(problems);
    }

    public ModelProblem(String problem) {
        this(List.of(problem));
    }

    public List<String> problems() {
        return problems;
    }

    private static String text(List<String> problems) {
        var shown = String.join("; ", problems.subList(0, Math.min(SHOWN, problems.size())));
        return problems.size() <= SHOWN ? shown : shown + "; and " + (problems.size() - SHOWN) + " more";
    }
}
