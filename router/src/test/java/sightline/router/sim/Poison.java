package sightline.router.sim;

import java.util.List;

/** A request that ends every process that computes it, at some place of its answer. */
final class Poison {
    /** A letter that no other request has; how often it comes tells at which token, or, alone, before the first. */
    private static final char LETTER = '☠';

    private Poison() {}

    /** @param place -1 is the reading of the prompt */
    static String prompt(String text, int place) {
        return text + String.valueOf(LETTER).repeat(place + 2);
    }

    static boolean isIn(String prompt) {
        return prompt.indexOf(LETTER) >= 0;
    }

    /** Whether the process dies when this token is generated. */
    static boolean isDeadly(List<Integer> promptIds, int place) {
        long letters = promptIds.stream().filter(id -> id == 300 + LETTER).count();
        return letters > 0 && place >= letters - 2;
    }
}
