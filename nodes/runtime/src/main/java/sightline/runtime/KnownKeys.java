package sightline.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueType;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/** The keys that the reference file documents; tells the nearest one to whoever misspells. */
final class KnownKeys {
    private final Map<String, ConfigValueType> types = new TreeMap<>();
    private final Config reference;

    KnownKeys(Config reference) {
        this.reference = reference;
        reference.entrySet().forEach(e -> types.put(plain(e.getKey()), e.getValue().valueType()));
    }

    /**
     * The type of a known key.
     *
     * @param origin where the key was read, for the message
     */
    ConfigValueType check(String key, String origin) throws StartFailure {
        var type = types.get(plain(key));
        if (type == null)
            throw new StartFailure(ExitCode.USAGE, "unknown setting " + key + " in " + origin + " (expected: "
                    + nearest(plain(key)) + " or another key of reference.conf)");
        return type;
    }

    /** Says of the first value that is not of its key's kind what it is and what was expected. */
    void checkValues(Config settings) throws StartFailure {
        for (var entry : settings.entrySet()) {
            var key = plain(entry.getKey());
            var kind = SettingKind.of(reference, key);
            if (!kind.holds(settings, entry.getKey()))
                throw new StartFailure(ExitCode.USAGE, key + ": " + entry.getValue().unwrapped() + " (expected: "
                        + kind.words() + ")");
        }
    }

    private String nearest(String key) {
        return types.keySet().stream().min(Comparator.comparingInt(known -> distance(known, key))).orElse("none");
    }

    private static String plain(String path) {
        return String.join(".", ConfigUtil.splitPath(path));
    }

    /** Levenshtein's distance, one row of the table at a time. */
    private static int distance(String a, String b) {
        var row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++)
            row[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
