package sightline.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;

/** What kind of value a setting takes, as its default shows. */
enum SettingKind {
    WHOLE, NUMBER, SWITCH, LIST, DURATION, SIZE, TEXT;

    static SettingKind of(Config reference, String key) {
        return switch (reference.getValue(key).valueType()) {
            case NUMBER -> WHOLE.holds(reference, key) ? WHOLE : NUMBER;
            case BOOLEAN -> SWITCH;
            case LIST -> LIST;
            case STRING, NULL, OBJECT -> DURATION.holds(reference, key)
                    ? DURATION
                    : SIZE.holds(reference, key) ? SIZE : TEXT;
        };
    }

    boolean holds(Config settings, String key) {
        try {
            return read(settings, key) != null;
        } catch (ConfigException _) {
            return false;
        }
    }

    String words() {
        return switch (this) {
            case WHOLE -> "a whole number";
            case NUMBER -> "a number";
            case SWITCH -> "true or false";
            case LIST -> "a list, as in [\"a\", \"b\"]";
            case DURATION -> "a duration, such as 500ms or 5s";
            case SIZE -> "a size, such as 512 MiB";
            case TEXT -> "text";
        };
    }

    private Object read(Config settings, String key) {
        return switch (this) {
            case WHOLE -> whole(settings, key);
            case NUMBER -> settings.getDouble(key);
            case SWITCH -> settings.getBoolean(key);
            case LIST -> settings.getList(key);
            case DURATION -> settings.getDuration(key);
            case SIZE -> settings.getBytes(key);
            case TEXT -> settings.getString(key);
        };
    }

    private int whole(Config settings, String key) {
        int value = settings.getInt(key); // which cuts what stands behind the point
        if (settings.getDouble(key) != value)
            throw new ConfigException.BadValue(key, words());
        return value;
    }
}
