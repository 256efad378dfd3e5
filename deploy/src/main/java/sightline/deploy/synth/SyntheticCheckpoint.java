package sightline.deploy.synth;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongConsumer;

/**
 * A LLaVA checkpoint with random weights in published form: config, sharded safetensors with index, tokenizer,
 * preprocessing, generation defaults. The same shape and seed give the same files, byte for byte.
 */
public final class SyntheticCheckpoint {

    /** A shard is closed before it would pass this: the default of {@code save_pretrained}. */
    private static final long SHARD_BYTES = 5_000_000_000L;

    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create();

    private final LlavaShape shape;
    private final Path demoCheckpoint;
    private final List<TensorSpec> specs;

    private SyntheticCheckpoint(LlavaShape shape, Path demoCheckpoint) {
        this.shape = shape;
        this.demoCheckpoint = demoCheckpoint;
        TensorList tensors = new TensorList();
        VisionTensors.add(shape, tensors);
        DecoderTensors.add(shape.text(), tensors);
        this.specs = tensors.specs();
    }

    /**
     * A checkpoint of true size that is not written yet.
     *
     * @param demoCheckpoint whose words, chat template and preprocessing are taken over
     */
    public static SyntheticCheckpoint published(Preset preset, Path demoCheckpoint) {
        return new SyntheticCheckpoint(preset.published(), demoCheckpoint);
    }

    /** The same in less than a megabyte. */
    public static SyntheticCheckpoint tiny(Preset preset, Path demoCheckpoint) {
        return new SyntheticCheckpoint(preset.tiny(), demoCheckpoint);
    }

    /** Of all tensors together, without headers. */
    public long weightBytes() {
        return specs.stream().mapToLong(TensorSpec::bfloat16Bytes).sum();
    }

    /**
     * Writes every file of the checkpoint.
     *
     * @param written told of every run of weights written; called on several threads
     */
    public void write(Path directory, long seed, LongConsumer written) throws IOException {
        Files.createDirectories(directory);
        writeJson(directory.resolve("config.json"), ConfigJson.of(shape));
        writeTokenizer(directory);
        writeJson(directory.resolve("preprocessor_config.json"), preprocessing());
        JsonObject processor = read("processor_config.json");
        processor.addProperty("patch_size", shape.vision().patchSize());
        writeJson(directory.resolve("processor_config.json"), processor);
        writeWeights(directory, new SafetensorsWriter(seed, written));
    }

    private void writeTokenizer(Path directory) throws IOException {
        JsonObject demo = read("tokenizer.json");
        TokenizerForm form = switch (shape.text().family()) {
            case GEMMA -> TokenizerForm.gemma(demo, read("tokenizer_config.json"), read("generation_config.json"));
            case LLAMA -> TokenizerForm.llama(demo);
            case PHI -> TokenizerForm.phi(demo);
        };
        int vocabulary = shape.text().vocabulary();
        writeJson(directory.resolve("tokenizer.json"), shape.text().family() == LlavaShape.Family.PHI
                ? PaddedTokenizer.padWithRunsOfSpaces(form.tokenizer(), shape.imageTokenId(), vocabulary)
                : PaddedTokenizer.pad(form.tokenizer(), shape.imageTokenId(), vocabulary));
        writeJson(directory.resolve("tokenizer_config.json"), form.config());
        writeJson(directory.resolve("generation_config.json"), form.generation());
    }

    private JsonObject preprocessing() throws IOException {
        JsonObject preprocessing = read("preprocessor_config.json");
        int pixels = shape.vision().imageSize();
        preprocessing.getAsJsonObject("size").addProperty("shortest_edge", pixels);
        preprocessing.getAsJsonObject("crop_size").addProperty("height", pixels);
        preprocessing.getAsJsonObject("crop_size").addProperty("width", pixels);
        return preprocessing;
    }

    private void writeWeights(Path directory, SafetensorsWriter writer) throws IOException {
        List<List<TensorSpec>> shards = shards();
        if (shards.size() == 1) {
            writer.write(directory.resolve("model.safetensors"), specs);
            return;
        }
        JsonObject files = new JsonObject();
        for (int i = 0; i < shards.size(); i++) {
            String file = String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
            shards.get(i).forEach(spec -> files.addProperty(spec.name(), file));
            writer.write(directory.resolve(file), shards.get(i));
        }
        JsonObject metadata = new JsonObject();
        metadata.addProperty("total_size", weightBytes());
        JsonObject index = new JsonObject();
        index.add("metadata", metadata);
        index.add("weight_map", files);
        writeJson(directory.resolve("model.safetensors.index.json"), index);
    }

    private List<List<TensorSpec>> shards() {
        List<List<TensorSpec>> shards = new ArrayList<>(List.of(new ArrayList<>()));
        long bytes = 0;
        for (TensorSpec spec : specs) {
            bytes += spec.bfloat16Bytes();
            if (bytes > SHARD_BYTES) {
                shards.add(new ArrayList<>());
                bytes = spec.bfloat16Bytes();
            }
            shards.getLast().add(spec);
        }
        return shards;
    }

    private JsonObject read(String file) throws IOException {
        return JsonParser.parseString(Files.readString(demoCheckpoint.resolve(file))).getAsJsonObject();
    }

    private static void writeJson(Path file, JsonObject content) throws IOException {
        Files.writeString(file, GSON.toJson(content));
    }
}
