package sightline.runtime;

import java.util.regex.Pattern;

/** A client's text as a value in a log line: what is more than a plain name is quoted, and nothing of it is a control. */
public final class LogValue {
    private static final Pattern PLAIN = Pattern.compile("[\\w.:/+=-]+");
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]");

    private LogValue() {}

    public static String of(String text) {
        if (PLAIN.matcher(text).matches())
            return text;
        var quoted = text.replace("\\", "\\\\").replace("\"", "\\\"");
        return '"' + UNPRINTABLE.matcher(quoted)
                .replaceAll(found -> "\\\\u%04x".formatted(found.group().codePointAt(0))) + '"';
    }
}
