package sightline.model;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sightline.stage.v1.ServedModel;
import sightline.wire.Sha256;

/**
 * A checkpoint directory that can be served: configuration read, headers checked, every tensor accounted for, nothing
 * loaded yet.
 */
public final class ModelDirectory {
    private final String name;
    private final LlavaConfig config;
    private final SmallFiles files;
    private final StoredWeights stored;
    private final Sha256 digest;

    /**
     * What the caller knows besides the directory.
     *
     * @param visionTower directory of a tower that the checkpoint only names
     * @param modelName instead of the directory's own name
     */
    public record Options(Optional<Path> visionTower, Optional<String> modelName) {
        public static final Options NONE = new Options(Optional.empty(), Optional.empty());
    }

    private ModelDirectory(String name, LlavaConfig config, SmallFiles files, StoredWeights stored, Sha256 digest) {
        this.name = name;
        this.config = config;
        this.files = files;
        this.stored = stored;
        this.digest = digest;
    }

    /**
     * Reads and checks everything but the weights' values.
     *
     * @throws ModelProblem that says all that is wrong
     */
    public static ModelDirectory open(Path directory, Options options) throws ModelProblem {
        var checkpoint = CheckpointFiles.of(directory);
        var own = checkpoint.small();
        var tower = tower(checkpoint, own, options.visionTower());
        var files = SmallFiles.of(withTower(own, tower));
        var config = LlavaConfig.parse(files);
        if (!files.names().contains("tokenizer.json"))
            throw new ModelProblem("missing: tokenizer.json");
        var stored = StoredWeights.read(checkpoint, tower, TensorPlan.of(config));
        var name = options.modelName().orElse(String.valueOf(checkpoint.directory().getFileName()));
        return new ModelDirectory(name, config, files, stored, ModelDigest.of(files, stored));
    }

    public String name() {
        return name;
    }

    public LlavaConfig config() {
        return config;
    }

    /** The small files, a tower's own under {@code vision_tower/}; enough for {@link LlavaConfig#parse} elsewhere. */
    public SmallFiles files() {
        return files;
    }

    /** Equal for equal content, wherever it lies and whatever it is called. */
    public Sha256 digest() {
        return digest;
    }

    /** The tensors of one stage; the caller closes them. */
    public Weights weights(StagePart part) {
        return Weights.of(stored, part);
    }

    /** Bytes of one stage's tensors as they are stored. */
    public long storedBytes(StagePart part) {
        return stored.bytes(part);
    }

    public long parameters() {
        return stored.parameters();
    }

    /** The model as nodes tell one another. */
    public ServedModel served() {
        return ServedModel.newBuilder()
                .setName(name)
                .setDigest(digest.hex())
                .setLanguageFamily(config.text().family().label())
                .setVisionFamily(config.vision().family().label())
                .setTokensPerImage(config.tokensPerImage())
                .setPreprocessingDigest(config.preprocessing().digest().hex())
                .build();
    }

    private static Optional<CheckpointFiles> tower(CheckpointFiles checkpoint, Map<String, byte[]> own,
            Optional<Path> given) throws ModelProblem {
        var config = JsonSection.file(SmallFiles.of(own), "config.json", new Problems());
        if (config.isEmpty() || !OriginalLayout.describes(config.get()))
            return Optional.empty();
        var towerName = config.get().text("mm_vision_tower").orElse("");
        return Optional.of(CheckpointFiles.of(TowerDirectory.find(checkpoint.directory(), towerName, given)));
    }

    private static Map<String, byte[]> withTower(Map<String, byte[]> own, Optional<CheckpointFiles> tower)
            throws ModelProblem {
        var files = new TreeMap<>(own);
        if (tower.isPresent()) {
            var towers = tower.get().small();
            towers.keySet().retainAll(java.util.Set.of("config.json", "preprocessor_config.json"));
            towers.forEach((name, content) -> files.put(OriginalLayout.TOWER + name, content));
        }
        return files;
    }
}
