package sightline.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** The settings of a process: the defaults of reference.conf, then a file, then single overrides; unknown keys fail. */
public final class Settings {
    private static final String ROOT = "sightline";

    private Settings() {}

    /**
     * The whole tree below {@code sightline}.
     *
     * @param overrides keys relative to {@code sightline}, such as {@code grpc.port}
     */
    public static Config load(Optional<Path> file, Map<String, String> overrides) throws StartFailure {
        var reference = ConfigFactory.defaultReference().getConfig(ROOT);
        try {
            var known = new KnownKeys(reference);
            var fromFile = file.isPresent() ? fromFile(file.get(), known) : ConfigFactory.empty();
            var given = fromOverrides(overrides, known).withFallback(fromFile);
            known.checkValues(given);
            return given.withFallback(reference).resolve();
        } catch (ConfigException e) {
            throw new StartFailure(ExitCode.USAGE, "settings: " + e.getMessage(), e);
        }
    }

    /** Reads a part of the settings into a record; what the record refuses becomes a {@link StartFailure}. */
    public static <T> T read(Config settings, Function<Config, T> part) throws StartFailure {
        try {
            return part.apply(settings);
        } catch (ConfigException | IllegalArgumentException e) {
            throw new StartFailure(ExitCode.USAGE, "settings: " + e.getMessage(), e);
        }
    }

    /** What a setting comes to; what it refuses as an argument becomes a {@link StartFailure} that names the key. */
    public static <T> T resolve(String key, Supplier<T> meaning) throws StartFailure {
        try {
            return meaning.get();
        } catch (IllegalArgumentException e) {
            throw new StartFailure(ExitCode.USAGE, key + ": " + e.getMessage(), e);
        }
    }

    private static Config fromFile(Path file, KnownKeys known) throws StartFailure {
        if (!Files.isReadable(file))
            throw new StartFailure(ExitCode.USAGE, "settings file " + file + ": cannot be read");
        var parsed = ConfigFactory.parseFile(file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false))
                .resolve();
        for (String key : parsed.root().keySet())
            if (!key.equals(ROOT))
                throw new StartFailure(ExitCode.USAGE, "settings file " + file + ": unknown key " + key
                        + " (expected: everything inside " + ROOT + " { … })");
        var settings = parsed.hasPath(ROOT) ? parsed.getConfig(ROOT) : ConfigFactory.empty();
        for (var entry : settings.entrySet())
            known.check(entry.getKey(), entry.getValue().origin().description());
        return settings;
    }

    private static Config fromOverrides(Map<String, String> overrides, KnownKeys known) throws StartFailure {
        var config = ConfigFactory.empty();
        for (var entry : overrides.entrySet()) {
            var type = known.check(entry.getKey(), "command line");
            config = config.withValue(entry.getKey(), value(entry.getValue(), type));
        }
        return config;
    }

    /** Text stays text whatever it holds; only lists are written as HOCON. */
    private static ConfigValue value(String text, ConfigValueType type) {
        return type == ConfigValueType.LIST
                ? ConfigFactory.parseString("list = " + text).getValue("list")
                : ConfigValueFactory.fromAnyRef(text);
    }
}
