package sightline.router.prompt;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The tokens that steer a model, such as {@code <end_of_turn>} and {@code <image>}: finds them in text, and marks user
 * text so that those typed by a user are not found.
 *
 * <p>Where several could be found at one place the longest counts, as in Hugging Face tokenizers.
 */
final class ControlTokens {
    /*
     * The mark goes inside each control token that a user typed, after its first character, and after the first
     * character of an end of the text with which a control token begins (the next part may complete it). So it never
     * stands at an edge where a template trims, and a template that looks at the text sees next to nothing of it. A mark
     * that the user typed is doubled: a pair means one typed mark, a single one means none, whatever is joined to what.
     */
    private static final char MARK = '\uFDD0'; // never a character by Unicode's definition
    private static final Pattern MARKS = Pattern.compile(MARK + "(" + MARK + "?)");

    /** A stretch of text between control tokens, or one control token. */
    sealed interface Segment {
        record Plain(String text) implements Segment {}

        record Control(int id) implements Segment {}
    }

    private final Map<String, Integer> idByContent;
    private final Pattern anyOf;
    private final Set<Character> firstCharacters;

    /** @param idByContent contents of at least two characters; a shorter one cannot be told from text */
    ControlTokens(Map<String, Integer> idByContent) {
        if (idByContent.isEmpty() || idByContent.keySet().stream().anyMatch(content -> content.length() < 2))
            throw new IllegalArgumentException(
                    "idByContent: " + idByContent.keySet() + " (expected: of 2 characters up)");
        this.idByContent = Map.copyOf(idByContent);
        this.anyOf = Pattern.compile(idByContent.keySet()
                .stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(Collectors.joining("|")));
        this.firstCharacters = idByContent.keySet()
                .stream()
                .map(content -> content.charAt(0))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The text with a mark in every control token, also in one that only text put behind it would complete. */
    String guard(String userText) {
        var result = new StringBuilder(userText.length() + 16);
        for (int i = 0; i < userText.length(); i++) {
            char character = userText.charAt(i);
            result.append(character);
            if (character == MARK)
                result.append(MARK);
            if (firstCharacters.contains(character) && beginsToken(userText, i))
                result.append(MARK);
        }
        return result.toString();
    }

    /** The text as it was before {@link #guard}, also when guarded texts were joined or cut in between. */
    static String unguard(String text) {
        return MARKS.matcher(text).replaceAll("$1");
    }

    boolean isControl(int id) {
        return idByContent.containsValue(id);
    }

    /** A text in parts, none of which holds a whole control token. */
    List<String> apart(String text) {
        var parts = new ArrayList<String>();
        var matcher = anyOf.matcher(text);
        int from = 0;
        while (matcher.find()) {
            parts.add(text.substring(from, matcher.start() + 1));
            from = matcher.start() + 1;
        }
        parts.add(text.substring(from));
        return parts;
    }

    /** All of a text in order. */
    List<Segment> split(String text) {
        var segments = new ArrayList<Segment>();
        var matcher = anyOf.matcher(text);
        int from = 0;
        while (matcher.find()) {
            addPlain(segments, text.substring(from, matcher.start()));
            segments.add(new Segment.Control(requireNonNull(idByContent.get(matcher.group()))));
            from = matcher.end();
        }
        addPlain(segments, text.substring(from));
        return segments;
    }

    /** Whether a token stands there, or its beginning and then the text's end. */
    private boolean beginsToken(String text, int at) {
        for (String content : idByContent.keySet())
            if (text.regionMatches(at, content, 0, Math.min(content.length(), text.length() - at)))
                return true;
        return false;
    }

    private static void addPlain(List<Segment> segments, String text) {
        if (!text.isEmpty())
            segments.add(new Segment.Plain(text));
    }
}
