package sightline.router.prompt;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The methods of Python's strings that chat templates call, with Python's meaning.
 *
 * <p>White space is what {@code str.isspace} takes for it, which is neither Java's {@code trim} nor {@code strip}.
 */
final class PythonText {
    private static final String SPACE = "\t\n\u000b\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002"
            + "\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

    private PythonText() {}

    static String strip(String text) {
        return lstrip(rstrip(text));
    }

    /** The method's result, or nothing when there is no such method here. */
    static Optional<Object> call(String text, String method, List<String> arguments) {
        return switch (method + "/" + arguments.size()) {
            case "upper/0" -> Optional.of(text.toUpperCase(Locale.ROOT));
            case "lower/0" -> Optional.of(text.toLowerCase(Locale.ROOT));
            case "strip/0" -> Optional.of(strip(text));
            case "lstrip/0" -> Optional.of(lstrip(text));
            case "rstrip/0" -> Optional.of(rstrip(text));
            case "startswith/1" -> Optional.of(text.startsWith(arguments.getFirst()));
            case "endswith/1" -> Optional.of(text.endsWith(arguments.getFirst()));
            case "replace/2" -> Optional.of(text.replace(arguments.getFirst(), arguments.getLast()));
            case "split/1" -> Optional.of(split(text, arguments.getFirst()));
            default -> Optional.empty();
        };
    }

    private static String lstrip(String text) {
        int from = 0;
        while (from < text.length() && SPACE.indexOf(text.charAt(from)) >= 0)
            from++;
        return text.substring(from);
    }

    private static String rstrip(String text) {
        int to = text.length();
        while (to > 0 && SPACE.indexOf(text.charAt(to - 1)) >= 0)
            to--;
        return text.substring(0, to);
    }

    private static List<String> split(String text, String separator) {
        return Arrays.asList(text.split(Pattern.quote(separator), -1));
    }
}
