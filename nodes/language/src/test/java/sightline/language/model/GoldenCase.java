package sightline.language.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.wire.ElementType;

/** A checkpoint with what transformers computes from it; see the README beside the golden files. */
public final class GoldenCase {
    private static final Path GOLDEN = Path.of(System.getProperty("sightline.golden"));
    private static final Path DEMO = Path.of(System.getProperty("sightline.demo"));
    private static final int LENGTH_BYTES = 8;

    private final ModelDirectory model;
    private final JsonNode description;
    private final JsonNode header;
    private final ByteBuffer tensors;

    private GoldenCase(ModelDirectory model, JsonNode description, JsonNode header, ByteBuffer tensors) {
        this.model = model;
        this.description = description;
        this.header = header;
        this.tensors = tensors;
    }

    public static List<String> names() {
        try (var folders = Files.list(GOLDEN)) {
            return folders.filter(folder -> Files.exists(folder.resolve("golden.safetensors")))
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static GoldenCase open(String name) {
        var folder = GOLDEN.resolve(name);
        try {
            var file = ByteBuffer.wrap(Files.readAllBytes(folder.resolve("golden.safetensors")))
                    .order(ByteOrder.LITTLE_ENDIAN);
            int headerBytes = Math.toIntExact(file.getLong(0));
            var json = new JsonMapper();
            var header = json.readTree(file.array(), LENGTH_BYTES, headerBytes);
            var tensors = file.slice(LENGTH_BYTES + headerBytes, file.limit() - LENGTH_BYTES - headerBytes);
            var checkpoint = name.equals("demo") ? DEMO : folder.resolve("checkpoint");
            return new GoldenCase(ModelDirectory.open(checkpoint, ModelDirectory.Options.NONE),
                    json.readTree(folder.resolve("golden.json").toFile()), header, tensors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ModelProblem e) {
            throw new IllegalStateException(e);
        }
    }

    public ModelDirectory model() {
        return model;
    }

    public int prompts() {
        return description.get("cases").size();
    }

    /** The prompt with its projected rows as transformers made them. */
    public Prompt prompt(int number) {
        return new Prompt(ids(number), images(number));
    }

    public List<Integer> ids(int number) {
        return ints("case_" + number + ".input_ids");
    }

    public List<ImageRows> images(int number) {
        var ids = ids(number);
        var images = new ArrayList<ImageRows>();
        int next = 0;
        for (var image : description.get("cases").get(number).get("images")) {
            int count = model.config().tokensPerImage();
            while (ids.get(next) != model.config().imageTokenId()) {
                next++;
            }
            images.add(new ImageRows(next, count, ElementType.FLOAT32, bytes("image_" + image.asInt() + ".projected")));
            next += count;
        }
        return images;
    }

    public List<Integer> ints(String name) {
        var longs = bytes(name).asLongBuffer();
        return IntStream.range(0, longs.limit()).mapToObj(i -> Math.toIntExact(longs.get(i))).toList();
    }

    public float[] floats(String name) {
        var floats = new float[bytes(name).remaining() / Float.BYTES];
        bytes(name).asFloatBuffer().get(floats);
        return floats;
    }

    /** One row of a tensor of two dimensions. */
    public float[] row(String name, int row) {
        int width = header.get(name).get("shape").get(1).asInt();
        return Arrays.copyOfRange(floats(name), row * width, (row + 1) * width);
    }

    private ByteBuffer bytes(String name) {
        var offsets = header.get(name).get("data_offsets");
        int begin = offsets.get(0).asInt();
        byte[] copy = new byte[offsets.get(1).asInt() - begin];
        tensors.get(begin, copy);
        return ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    }
}
