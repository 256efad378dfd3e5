package sightline.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Writes a checkpoint of a few kilobytes, whole unless a test asks for something else. */
final class TinyCheckpoint {
    private static final JsonMapper JSON = new JsonMapper();
    static final String CONFIG = """
            {"model_type": "llava", "image_token_index": 15, "torch_dtype": "bfloat16",
             "text_config": {"model_type": "gemma", "vocab_size": 16, "hidden_size": 8, "intermediate_size": 12,
                "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 4,
                "max_position_embeddings": 64},
             "vision_config": {"model_type": "clip_vision_model", "hidden_size": 8, "intermediate_size": 12,
                "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 8, "patch_size": 4}}""";
    static final String PREPROCESSOR = """
            {"size": {"shortest_edge": 8}, "crop_size": {"height": 8, "width": 8}}""";

    private final Path directory;

    TinyCheckpoint(Path directory) {
        this.directory = directory;
    }

    /** Writes all files; both changes see them before they are written. */
    Path write(Consumer<ObjectNode> config, Consumer<Map<String, List<Long>>> tensors) throws ModelProblem {
        var json = json(CONFIG);
        config.accept(json);
        file("config.json", json.toString());
        file("preprocessor_config.json", PREPROCESSOR);
        file("tokenizer.json", "{\"model\": {\"vocab\": {\"a\": 0}}}");
        weights("model.safetensors", tensors);
        return directory;
    }

    Path write() throws ModelProblem {
        return write(_ -> {}, _ -> {});
    }

    TinyCheckpoint weights(String name, Consumer<Map<String, List<Long>>> change) throws ModelProblem {
        var shapes = shapes();
        change.accept(shapes);
        return bytes(name, safetensors(shapes));
    }

    TinyCheckpoint file(String name, String text) {
        return bytes(name, text.getBytes(StandardCharsets.UTF_8));
    }

    TinyCheckpoint bytes(String name, byte[] content) {
        try {
            Files.createDirectories(directory.resolve(name).getParent());
            Files.write(directory.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Every tensor of {@link #CONFIG} by canonical name. */
    static Map<String, List<Long>> shapes() throws ModelProblem {
        return new TreeMap<>(TensorPlan.of(LlavaConfig.parse(smallFiles(CONFIG))).required());
    }

    static SmallFiles smallFiles(String config) {
        return SmallFiles.of(Map.of("config.json", config.getBytes(StandardCharsets.UTF_8), "preprocessor_config.json",
                PREPROCESSOR.getBytes(StandardCharsets.UTF_8)));
    }

    static ObjectNode json(String text) {
        try {
            JsonNode node = JSON.readTree(text);
            return (ObjectNode) node;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of bf16 tensors in the given order; element i of the file holds i. */
    static byte[] safetensors(Map<String, List<Long>> shapes) {
        var header = JSON.createObjectNode();
        long offset = 0;
        for (var entry : shapes.entrySet()) {
            long bytes = 2 * entry.getValue().stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
            var tensor = header.putObject(entry.getKey()).put("dtype", "BF16");
            entry.getValue().forEach(tensor.putArray("shape")::add);
            tensor.putArray("data_offsets").add(offset).add(offset + bytes);
            offset += bytes;
        }
        var data = ByteBuffer.allocate((int) offset).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < offset / 2; i++)
            data.putShort((short) i);
        return safetensors(header.toString(), data.array());
    }

    static byte[] safetensors(String header, byte[] data) {
        var json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .put(data)
                .array();
    }

    /** The same tensors under other names. */
    static Consumer<Map<String, List<Long>>> renamed(UnaryOperator<String> naming) {
        return shapes -> {
            var old = new LinkedHashMap<>(shapes);
            shapes.clear();
            old.forEach((name, shape) -> shapes.put(naming.apply(name), shape));
        };
    }
}
