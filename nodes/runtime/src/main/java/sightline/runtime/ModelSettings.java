package sightline.runtime;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;

/**
 * What a worker serves, and how it computes it.
 *
 * @param dtype as written: float32, bfloat16, int8 or auto
 * @param int8Head whether the head is int8 too where the other layers are
 * @param device as written, such as cpu
 * @param kernels as written, such as packed
 * @param weightCache as written: auto, none or a directory
 * @param weightCacheBytes of all models in it
 * @param strictRequired whether a failed self-test ends the process
 */
public record ModelSettings(Path directory, Optional<Path> visionTower, Optional<String> name, String dtype,
        boolean int8Head, String device, String kernels, String weightCache, long weightCacheBytes,
        boolean strictRequired) {
    private static final Logger LOG = LoggerFactory.getLogger(ModelSettings.class);

    /** Reads the section model. */
    public static ModelSettings from(Config settings) {
        var model = settings.getConfig("model");
        var directory = text(model, "dir")
                .orElseThrow(() -> new IllegalArgumentException("model.dir: empty (expected: a directory)"));
        return new ModelSettings(Path.of(directory), text(model, "vision-tower").map(Path::of), text(model, "name"),
                model.getString("dtype"), model.getBoolean("int8-head"), model.getString("device"),
                model.getString("kernels"), model.getString("weight-cache"), model.getBytes("weight-cache-size"),
                strictRequired(model.getString("strict")));
    }

    /** Reads and checks the directory. @throws StartFailure that says all that is wrong with it */
    public ModelDirectory open() throws StartFailure {
        try {
            return ModelDirectory.open(directory, new ModelDirectory.Options(visionTower, name));
        } catch (ModelProblem e) {
            throw new StartFailure(ExitCode.MODEL, "model " + directory + ": " + e.getMessage(), e);
        }
    }

    /**
     * Says what the start-up self-test of the loaded model found.
     *
     * @param fingerprint absent when the test failed
     * @throws StartFailure if it failed and had to hold
     */
    public void judge(Optional<String> fingerprint, List<String> reasons) throws StartFailure {
        reasons.forEach(reason -> LOG.warn("event=self-test reason=\"{}\"", reason));
        if (fingerprint.isEmpty() && strictRequired)
            throw new StartFailure(ExitCode.NOT_STRICT,
                    "model.strict = required, but the self-test failed: " + String.join("; ", reasons));
        LOG.info("event=warm fingerprint={}", fingerprint.orElse("none"));
    }

    private static boolean strictRequired(String text) {
        return switch (text) {
            case "required" -> true;
            case "auto" -> false;
            default -> throw new IllegalArgumentException("model.strict: " + text + " (expected: auto or required)");
        };
    }

    private static Optional<String> text(Config section, String key) {
        return Optional.of(section.getString(key)).filter(value -> !value.isBlank());
    }
}
