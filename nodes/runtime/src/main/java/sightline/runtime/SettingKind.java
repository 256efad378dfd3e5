package sightline.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;

/** What kind of value a setting takes, as its default shows. */
enum SettingKind {
    WHOLE("a whole number") {
        @Override
        void read(Config settings, String key) {
            if (settings.getDouble(key) != settings.getInt(key)) // which cuts what stands behind the point
                throw new ConfigException.BadValue(key, words());
        }
    },
    NUMBER("a number") {
        @Override
        void read(Config settings, String key) {
            settings.getDouble(key);
        }
    },
    SWITCH("true or false") {
        @Override
        void read(Config settings, String key) {
            settings.getBoolean(key);
        }
    },
    LIST("a list, as in [\"a\", \"b\"]") {
        @Override
        void read(Config settings, String key) {
            settings.getList(key);
        }
    },
    DURATION("a duration, such as 500ms or 5s") {
        @Override
        void read(Config settings, String key) {
            settings.getDuration(key);
        }
    },
    SIZE("a size, such as 512 MiB") {
        @Override
        void read(Config settings, String key) {
            settings.getBytes(key);
        }
    },
    TEXT("text") {
        @Override
        void read(Config settings, String key) {
            settings.getString(key);
        }
    };

    private final String words;

    SettingKind(String words) {
        this.words = words;
    }

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
            read(settings, key);
            return true;
        } catch (ConfigException _) {
            return false;
        }
    }

    String words() {
        return words;
    }

    /** @throws ConfigException when the value is of another kind */
    abstract void read(Config settings, String key);
}
