package sightline.router.prompt;

import java.util.List;

/** One message of a conversation. */
public record Turn(Role role, List<Part> parts) {

    /** Who speaks; the wire name is the constant's in lower case. */
    public enum Role {
        SYSTEM("system"), USER("user"), ASSISTANT("assistant");

        private final String wireName;

        Role(String wireName) {
            this.wireName = wireName;
        }

        public String wireName() {
            return wireName;
        }
    }

    /** A piece of a message; pictures are told apart by their order alone. */
    public sealed interface Part {
        record Text(String text) implements Part {}

        record Picture() implements Part {}
    }

    public Turn {
        if (parts.isEmpty())
            throw new IllegalArgumentException("parts: none (expected: at least one)");
        parts = List.copyOf(parts);
    }
}
