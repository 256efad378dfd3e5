package sightline.model;

import java.util.ArrayList;
import java.util.List;

/** Gathers what is wrong, so that all of it can be told in one error. For one thread. */
final class Problems {
    private final List<String> found = new ArrayList<>();

    void add(String problem) {
        found.add(problem);
    }

    void add(String what, Object got, String expected) {
        add(what + ": " + got + " (expected: " + expected + ")");
    }

    void throwIfAny() throws ModelProblem {
        if (!found.isEmpty())
            throw new ModelProblem(found);
    }
}
