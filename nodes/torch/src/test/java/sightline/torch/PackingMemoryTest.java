package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackingMemoryTest {
    private static final int LAYERS = 6;
    private static final int OUT = 4096;
    private static final int IN = 2048;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        Samples.torch();
    }

    @ParameterizedTest
    @CsvSource({"BFLOAT16,BFLOAT16", "FLOAT32,BFLOAT16", "FLOAT16,FLOAT32"})
    void packedWeightsAreAllThatStaysAfterTheFileIsUnmapped(DType stored, DType compute) throws IOException {
        long layerBytes = (long) OUT * IN * stored.bytes();
        Path file = directory.resolve("weights");
        List<TileLinear> layers = new ArrayList<>();
        long anonymousBefore = anonymousBytes();
        long nativeBefore = NativeMemory.bytes();
        try (Arena arena = Arena.ofShared(); FileChannel channel = zeros(file, LAYERS * layerBytes)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, LAYERS * layerBytes, arena);
            for (int i = 0; i < LAYERS; i++) {
                MemorySegment bytes = mapped.asSlice(i * layerBytes, layerBytes);
                layers.add(Samples.packed(compute).linear(Weight.stored("layer " + i, bytes, stored, OUT, IN)));
            }
        }
        long packed = layers.stream().mapToLong(TileLinear::bytes).sum();
        // A second copy would double it; the Java compiler's own memory comes and goes by some 10 MB meanwhile.
        long slack = packed * 3 / 10;
        assertThat(NativeMemory.bytes() - nativeBefore).isBetween(packed - slack, packed + slack);
        assertThat(anonymousBytes() - anonymousBefore).isLessThan(packed + slack);
        layers.forEach(TileLinear::close);
        assertThat(anonymousBytes() - anonymousBefore).isLessThan(slack);
    }

    private static FileChannel zeros(Path file, long bytes) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        channel.write(java.nio.ByteBuffer.allocate(1), bytes - 1);
        return channel;
    }

    private static long anonymousBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("RssAnon:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IllegalStateException("RssAnon: not in /proc/self/status");
    }
}
