package sightline.deploy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The flags that say what a vision or language process serves. */
final class ModelFlags {
    @Option(names = "--model", paramLabel = "DIR", description = "model.dir: a checkpoint in published format")
    private Optional<Path> directory = Optional.empty();

    @Option(names = "--model-name", paramLabel = "NAME", description = "model.name: how requests name it")
    private Optional<String> name = Optional.empty();

    @Option(names = "--vision-tower", paramLabel = "DIR", description = "model.vision-tower: the tower that an original-LLaVA checkpoint does not hold")
    private Optional<Path> visionTower = Optional.empty();

    @Option(names = "--dtype", paramLabel = "DTYPE", description = "model.dtype: float32, bfloat16, int8 or auto")
    private Optional<String> dtype = Optional.empty();

    /** Those that were given; paths are absolute, so that another process may read them. */
    Map<String, String> settings() {
        var settings = new HashMap<String, String>();
        directory.ifPresent(dir -> settings.put("model.dir", dir.toAbsolutePath().toString()));
        name.ifPresent(n -> settings.put("model.name", n));
        visionTower.ifPresent(dir -> settings.put("model.vision-tower", dir.toAbsolutePath().toString()));
        dtype.ifPresent(type -> settings.put("model.dtype", type));
        return settings;
    }
}
