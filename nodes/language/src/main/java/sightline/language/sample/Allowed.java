package sightline.language.sample;

import java.util.Set;

/** Ids of which the next token is chosen. */
public sealed interface Allowed {
    record All() implements Allowed {}

    record AllBut(Set<Integer> ids) implements Allowed {
        public AllBut {
            ids = Set.copyOf(ids);
        }
    }

    record Only(Set<Integer> ids) implements Allowed {
        public Only {
            ids = Set.copyOf(ids);
        }
    }
}
