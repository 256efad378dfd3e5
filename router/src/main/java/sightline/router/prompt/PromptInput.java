package sightline.router.prompt;

import java.util.List;

/** What a client asks with. */
public sealed interface PromptInput {
    /** Rendered with the model's chat template; control tokens inside users' texts stay text. */
    record Conversation(List<Turn> turns) implements PromptInput {
        public Conversation {
            if (turns.isEmpty() || turns.getLast().role() != Turn.Role.USER)
                throw new IllegalArgumentException("turns: " + turns.size() + " (expected: the last one a user's)");
            turns = List.copyOf(turns);
        }
    }

    /** Already rendered; control tokens are recognized. */
    record Rendered(String text) implements PromptInput {}
}
