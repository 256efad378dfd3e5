package sightline.vision;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** One golden file: the tensors that the reference computed, and the JSON beside it. */
public final class Golden {
    private final Path folder;
    private final JsonNode header;
    private final ByteBuffer tensors;
    private final JsonNode description;

    private Golden(Path folder, String name) throws IOException {
        this.folder = folder;
        var file = ByteBuffer.wrap(Files.readAllBytes(folder.resolve(name + ".safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
        int headerBytes = Math.toIntExact(file.getLong());
        var json = new byte[headerBytes];
        file.get(json);
        this.header = new ObjectMapper().readTree(json);
        this.tensors = file.slice().order(ByteOrder.LITTLE_ENDIAN);
        this.description = new ObjectMapper().readTree(folder.resolve(name + ".json").toFile());
    }

    /** The golden folder, or a skipped test with the reason in words. */
    public static Path root() {
        var root = Path.of(System.getProperty("sightline.golden", "none"));
        Assumptions.assumeTrue(Files.isDirectory(root), "no golden files: sightline.golden=" + root);
        return root;
    }

    /** Every case that has a golden file. */
    public static Stream<Golden> cases() {
        try (var folders = Files.list(root())) {
            return folders.filter(f -> Files.exists(f.resolve("golden.safetensors")))
                    .sorted()
                    .toList()
                    .stream()
                    .map(folder -> open(folder, "golden"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public static Golden open(Path folder, String name) {
        try {
            return new Golden(folder, name);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public JsonNode description() {
        return description;
    }

    public byte[] file(String name) {
        try {
            return Files.readAllBytes(folder.resolve(name));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The checkpoint of this case. */
    public Path checkpoint() {
        var own = folder.resolve("checkpoint");
        return Files.isDirectory(own) ? own : Path.of(System.getProperty("sightline.demo", "none"));
    }

    /** File names of the case's images, by index. */
    public List<String> images() {
        return IntStream.range(0, description.get("images").size())
                .mapToObj(i -> description.get("images").get(i).asText())
                .toList();
    }

    /** Names of all tensors. */
    public Stream<String> tensors() {
        var names = new ArrayList<String>();
        header.fieldNames().forEachRemaining(names::add);
        return names.stream().filter(name -> !name.equals("__metadata__")).sorted();
    }

    public long[] shape(String tensor) {
        var shape = entry(tensor).get("shape");
        return IntStream.range(0, shape.size()).mapToLong(i -> shape.get(i).asLong()).toArray();
    }

    public byte[] bytes(String tensor) {
        var offsets = entry(tensor).get("data_offsets");
        var bytes = new byte[offsets.get(1).asInt() - offsets.get(0).asInt()];
        tensors.get(offsets.get(0).asInt(), bytes);
        return bytes;
    }

    public float[] floats(String tensor) {
        var buffer = ByteBuffer.wrap(bytes(tensor)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        var floats = new float[buffer.remaining()];
        buffer.get(floats);
        return floats;
    }

    /** The largest difference over the largest number of the reference. */
    public static double relativeDifference(float[] got, float[] expected) {
        double largest = IntStream.range(0, expected.length)
                .mapToDouble(i -> Math.abs((double) expected[i]))
                .max()
                .orElseThrow();
        return largestDifference(got, expected) / largest;
    }

    /** The largest difference between two numbers of the same index. */
    public static double largestDifference(float[] got, float[] expected) {
        if (got.length != expected.length) {
            throw new AssertionError(got.length + " numbers (expected: " + expected.length + ")");
        }
        return IntStream.range(0, got.length)
                .mapToDouble(i -> Math.abs((double) got[i] - expected[i]))
                .max()
                .orElseThrow();
    }

    private JsonNode entry(String tensor) {
        return Objects.requireNonNull(header.get(tensor), () -> tensor + " in " + folder);
    }

    @Override
    public String toString() {
        return String.valueOf(folder.getFileName());
    }
}
