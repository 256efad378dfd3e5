package sightline.router.prompt;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sightline.router.text.UnusableTokenizer;
import sightline.wire.Failure;

/**
 * A model's own way to write a conversation down. Comes from the model's files only, never from a request.
 *
 * <p>Users' texts come in guarded (see {@link ControlTokens#guard}) and leave guarded.
 */
final class ChatTemplate {
    static final String IMAGE_MARK = "<image>";
    private static final String PROBE = "probe";

    /** What a template wants as a message's content. */
    enum Content {
        TEXT, PARTS
    }

    private final TemplateEngine engine = new TemplateEngine();
    private final String source;
    private final Map<String, String> specialTokens;
    private final Content content;

    private ChatTemplate(String source, Map<String, String> specialTokens) throws UnusableTokenizer {
        this.source = source;
        this.specialTokens = specialTokens;
        this.content = probe();
    }

    /** @param specialTokens what the template may name, such as {@code bos_token} */
    static ChatTemplate of(String source, Map<String, String> specialTokens) throws UnusableTokenizer {
        return new ChatTemplate(source, specialTokens);
    }

    Content content() {
        return content;
    }

    String render(List<Turn> turns, ControlTokens guarding) throws RequestRefused {
        var messages = turns.stream().map(turn -> message(turn, content, guarding)).toList();
        return switch (render(messages)) {
            case TemplateEngine.Rendering.Rendered rendered -> rendered.text();
            case TemplateEngine.Rendering.Refused refused -> throw new RequestRefused(
                    refusal(refused.reason() + " (expected: messages that the model's chat template takes)"));
            case TemplateEngine.Rendering.Broken _ -> throw new RequestRefused(
                    refusal("messages on which the model's chat template fails (expected: an ordinary conversation)"));
        };
    }

    private static Failure refusal(String message) {
        return new Failure.BadField("conversation.messages", message);
    }

    private TemplateEngine.Rendering render(List<? extends Map<String, ?>> messages) {
        var variables = new HashMap<String, Object>(specialTokens);
        variables.put("messages", messages);
        variables.put("add_generation_prompt", true);
        return engine.render(source, variables);
    }

    /**
     * A template that finds the text inside a list of parts gets lists, also where it would take plain text, as vLLM
     * decides it; the others get plain text.
     */
    private Content probe() throws UnusableTokenizer {
        if (render(List.of(Map.of("role", "user", "content",
                List.of(new ProbedPart())))) instanceof TemplateEngine.Rendering.Rendered lists
                && lists.text().contains(PROBE))
            return Content.PARTS;
        return switch (render(List.of(Map.of("role", "user", "content", PROBE)))) {
            case TemplateEngine.Rendering.Rendered text when text.text().contains(PROBE) -> Content.TEXT;
            case TemplateEngine.Rendering result ->
                    throw new UnusableTokenizer(
                            "chat template: " + result + " for one user message (expected: its text)");
        };
    }

    /** Shows its text to those who ask for the key, and nothing to those who print the list. */
    private static final class ProbedPart extends HashMap<String, Object> {
        private static final long serialVersionUID = 1L;

        private ProbedPart() {
            super(Map.of("type", "text", "text", PROBE));
        }

        @Override
        public String toString() {
            return "";
        }
    }

    private static Map<String, Object> message(Turn turn, Content content, ControlTokens guarding) {
        return ordered("role", turn.role().wireName(), "content", switch (content) {
            case TEXT -> text(turn.parts(), guarding);
            case PARTS -> turn.parts().stream().map(part -> part(part, guarding)).toList();
        });
    }

    private static Map<String, Object> part(Turn.Part part, ControlTokens guarding) {
        return switch (part) {
            case Turn.Part.Text(var text) -> ordered("type", "text", "text", guarding.guard(text));
            case Turn.Part.Picture _ -> Map.of("type", "image");
        };
    }

    /** In the order in which a template that prints the whole map shows it. */
    private static Map<String, Object> ordered(String firstKey, Object first, String secondKey, Object second) {
        var map = new LinkedHashMap<String, Object>();
        map.put(firstKey, first);
        map.put(secondKey, second);
        return map;
    }

    /** Pictures are marks, each with a line end when text comes right after it. */
    private static String text(List<Turn.Part> parts, ControlTokens guarding) {
        var joined = new StringBuilder();
        for (var part : parts) {
            switch (part) {
                case Turn.Part.Picture _ -> joined.append(IMAGE_MARK);
                case Turn.Part.Text(var text) -> {
                    if (!text.isEmpty() && endsWithMark(joined))
                        joined.append('\n');
                    joined.append(guarding.guard(text));
                }
            }
        }
        return joined.toString();
    }

    /** A mark that a user typed is guarded, and so is none. */
    private static boolean endsWithMark(StringBuilder text) {
        int at = text.length() - IMAGE_MARK.length();
        return at >= 0 && text.indexOf(IMAGE_MARK, at) == at;
    }
}
