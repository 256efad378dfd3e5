package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightCacheTest {
    private static final String DIGEST = "0123456789abcdef";
    private static final String NAME = "model.layers.3.mlp.up_proj.weight";
    private static final long ROOMY = 1 << 30;
    private static final int OUT = 24;
    private static final int IN = 40;

    @TempDir
    private Path root;

    private final List<String> reports = new ArrayList<>();
    private WeightCache cache;

    @BeforeAll
    static void start() {
        Samples.torch();
    }

    @BeforeEach
    void open() {
        cache = new WeightCache(root, DIGEST, ROOMY, reports::add);
    }

    @Test
    void whatWasKeptIsFoundBitForBit() {
        try (TensorScope _ = TensorScope.open()) {
            Int8Weight kept = keep(1);
            Int8Weight found = cache.find(NAME, OUT, IN).orElseThrow();
            assertThat(found.values().toBytes()).isEqualTo(kept.values().toBytes());
            assertThat(found.scales().toBytes()).isEqualTo(kept.scales().toBytes());
            assertThat(reports).hasSize(1).first().asString().contains("rounded", "kept", root.toString());
        }
    }

    @Test
    void anotherNameShapeOrModelFindsNothing() throws IOException {
        try (TensorScope _ = TensorScope.open()) {
            keep(1);
            assertThat(cache.find(NAME + "x", OUT, IN)).isEmpty();
            assertThat(cache.find(NAME, IN, OUT)).isEmpty();
            keep(1);
            assertThat(new WeightCache(root, DIGEST + "0", ROOMY, reports::add).find(NAME, OUT, IN)).isEmpty();
            Path file = file();
            keep(NAME + "y", 2);
            Path second = files().filter(f -> !f.equals(file)).findFirst().orElseThrow();
            Files.copy(second, file, StandardCopyOption.REPLACE_EXISTING);
            assertThat(cache.find(NAME, OUT, IN)).as("another layer's file under this one's name").isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, 16, 24, 32, 32 + 4 * OUT, 32 + 4 * OUT + OUT * IN - 1})
    void oneBitWrongAnywhereAndTheFileIsIgnoredAndWrittenAnew(int at) throws IOException {
        try (Arena arena = Arena.ofConfined(); TensorScope _ = TensorScope.open()) {
            keep(1);
            Path file = file();
            byte[] good = Files.readAllBytes(file);
            byte[] bad = good.clone();
            bad[at] ^= 4;
            Files.write(file, bad);
            assertThat(cache.find(NAME, OUT, IN)).isEmpty();
            assertThat(reports).last().asString().contains(NAME, "damaged", file.toString());
            assertThat(file).doesNotExist();
            Int8Weight.of(List.of(weight(arena, NAME, 1)), Optional.of(cache));
            assertThat(Files.readAllBytes(file)).isEqualTo(good);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31, 32, 500})
    void aFileThatEndsEarlyIsIgnored(int length) throws IOException {
        try (TensorScope _ = TensorScope.open()) {
            keep(1);
            Files.write(file(), Arrays.copyOf(Files.readAllBytes(file()), length));
            assertThat(cache.find(NAME, OUT, IN)).isEmpty();
        }
    }

    @Test
    void aLayerFromTheCacheComputesTheSameAndWritesNothing() throws IOException {
        Linears linears = new Linears(WeightClass.INT8, Kernels.PACKED, Optional.of(cache));
        try (Arena arena = Arena.ofConfined(); TensorScope _ = TensorScope.open()) {
            List<Weight> parts = List.of(weight(arena, "q", 1), weight(arena, "k", 2));
            Tensor x = Samples.random(DType.BFLOAT16, 3, 5, IN);
            try (TileLinear first = linears.linear(parts, List.of())) {
                FileTime written = FileTime.fromMillis(1_000_000);
                Files.setLastModifiedTime(file(), written);
                try (TileLinear second = linears.linear(parts, List.of())) {
                    assertThat(second.call(x).sameBits(first.call(x))).isTrue();
                    assertThat(Files.getLastModifiedTime(file())).isEqualTo(written);
                }
            }
        }
        assertThat(files()).hasSize(1).allMatch(file -> file.toString().endsWith(".q8"));
    }

    @Test
    void theModelUsedLongestAgoMakesRoomButNoneThatAProcessUses() throws Exception {
        Path old = model("aaaaaaaaaaaaaaaa", 500);
        Path older = model("bbbbbbbbbbbbbbbb", 1_000);
        Path used = model("cccccccccccccccc", 2_000);
        Process user = user(used);
        try (TensorScope _ = TensorScope.open()) {
            Int8Weight weight = keep(1);
            var tight = new WeightCache(root, DIGEST, 4 * Files.size(file()), reports::add);
            tight.keep(NAME, weight);
            assertThat(older).doesNotExist();
            assertThat(old).as("of which there is still room for").exists();
            assertThat(reports).last().asString().contains("made room", older.toString());
            tight.keep(NAME + "y", weight);
            assertThat(old).exists();
            tight.keep(NAME + "z", weight);
            assertThat(old).doesNotExist();
            tight.keep(NAME + "w", weight);
            assertThat(files()).as("beyond the bound nothing is written").hasSize(3);
            assertThat(reports).last().asString().contains("no room");
            assertThat(used.resolve("x.q8")).exists();
            user.destroy();
            user.waitFor();
            tight.keep(NAME + "w", weight);
            assertThat(used).doesNotExist();
            assertThat(files()).hasSize(4);
        } finally {
            user.destroyForcibly();
        }
    }

    /** A process that uses this model, and has said so. */
    private static Process user(Path model) throws IOException {
        var process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), ModelUser.class.getName(), model.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.getInputStream().read()).isEqualTo('.');
        return process;
    }

    /** A model that no process uses, of one file of the size of all files here, used so long ago. */
    private Path model(String digest, int secondsAgo) throws IOException {
        Path model = Files.createDirectories(root.resolve("int8").resolve(digest));
        Files.write(model.resolve("x.q8"), new byte[32 + 4 * OUT + OUT * IN]);
        Files.setLastModifiedTime(model, FileTime.from(Instant.now().minusSeconds(secondsAgo)));
        return model;
    }

    @Test
    void whatWasNeverFinishedIsRemoved() throws IOException {
        Path model = model("aaaaaaaaaaaaaaaa", 10);
        Path lately = Files.createFile(model.resolve("1.part"));
        Path before = Files.createFile(model.resolve("2.part"));
        Files.setLastModifiedTime(before, FileTime.from(Instant.now().minusSeconds(4_000)));
        try (TensorScope _ = TensorScope.open()) {
            keep(1);
        }
        assertThat(before).doesNotExist();
        assertThat(lately).exists();
    }

    @Test
    void aDirectoryThatCannotBeMadeIsReportedAndDoneWithout() throws IOException {
        Files.writeString(root.resolve("int8"), "in the way");
        try (TensorScope _ = TensorScope.open()) {
            keep(1);
            assertThat(reports).anySatisfy(report -> assertThat(report).contains(NAME, "not kept", root.toString()));
            assertThat(cache.find(NAME, OUT, IN)).isEmpty();
        }
    }

    @Test
    void theUsersDirectoryIsWhereTheStandardSays() {
        Path home = Path.of("/home/ann");
        assertThat(WeightCache.userDirectory(Map.of(), home)).isEqualTo(Path.of("/home/ann/.cache/sightline"));
        assertThat(WeightCache.userDirectory(Map.of("XDG_CACHE_HOME", "/fast"), home))
                .isEqualTo(Path.of("/fast/sightline"));
        assertThat(WeightCache.userDirectory(Map.of("XDG_CACHE_HOME", "relative"), home))
                .isEqualTo(Path.of("/home/ann/.cache/sightline"));
    }

    @Test
    void aDigestThatCouldBeAPathIsRefused() {
        assertThatThrownBy(() -> new WeightCache(root, "../../../../etc", ROOMY, reports::add))
                .hasMessageContaining("hexadecimal");
    }

    private Int8Weight keep(long seed) {
        return keep(NAME, seed);
    }

    private Int8Weight keep(String name, long seed) {
        try (Arena arena = Arena.ofConfined()) {
            return Int8Weight.of(List.of(weight(arena, name, seed)), Optional.of(cache));
        }
    }

    private static Weight weight(Arena arena, String name, long seed) {
        return Samples.weight(arena, name, Samples.gaussian(seed, OUT, IN), OUT, IN);
    }

    private Path file() throws IOException {
        return files().findFirst().orElseThrow();
    }

    private Stream<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("int8").resolve(DIGEST))) {
            return files.sorted().toList().stream();
        }
    }
}
