package sightline.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.model.SafetensorsHeader.BadHeader;

/** Nothing that a header says is believed, and nothing that it claims is allocated. */
final class SafetensorsHeaderTest {
    private static final String GOOD = "{'a': {'dtype': 'BF16', 'shape': [2, 3], 'data_offsets': [0, 12]}}";
    private static final int FUZZED = 100_000;

    @TempDir
    private Path directory = Path.of("");

    private SafetensorsHeader read(byte[] content) throws ModelProblem {
        var file = directory.resolve("w.safetensors");
        try {
            Files.write(file, content);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return SafetensorsHeader.read("w.safetensors", file);
    }

    private SafetensorsHeader read(String header, int dataBytes) throws ModelProblem {
        return read(TinyCheckpoint.safetensors(header.replace('\'', '"'), new byte[dataBytes]));
    }

    @Test
    void goodHeaderTellsWhereEachTensorLies() throws ModelProblem {
        var header = read("{'__metadata__': {'format': 'pt'}, 'b': {'dtype':'F32','shape':[],'data_offsets':[4,8]},"
                + "'a': {'data_offsets':[0,4],'shape':[1,2],'dtype':'F16'}}   ", 8);

        assertThat(header.tensors()).containsExactly(new SafetensorsHeader.Entry("b", "F32", List.of(), 4, 8),
                new SafetensorsHeader.Entry("a", "F16", List.of(1L, 2L), 0, 4));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "{'a': {'dtype':'BF16','shape':[2,3],'data_offsets':[0,12]}}|11|data: 11 bytes",
        "{'a': {'dtype':'BF16','shape':[2,3],'data_offsets':[0,12]}}|13|data: 13 bytes",
        "{'a': {'dtype':'BF16','shape':[2,3],'data_offsets':[0,10]}}|10|expected: 12 bytes for BF16 [2, 3]",
        "{'a': {'dtype':'BF16','shape':[2,3],'data_offsets':[12,0]}}|12|expected: 12 bytes for BF16 [2, 3]",
        "{'a': {'dtype':'BF16','shape':[2,3],'data_offsets':[2,14]}}|14|begins at 2",
        "{'a': {'dtype':'U8','shape':[4],'data_offsets':[0,4]},'b':{'dtype':'U8','shape':[4],'data_offsets':[2,6]}}"
                + "|6|tensor b: begins at 2 (expected: 4",
        "{'a': {'dtype':'U8','shape':[4],'data_offsets':[0,4]},'b':{'dtype':'U8','shape':[4],'data_offsets':[6,10]}}"
                + "|10|tensor b: begins at 6 (expected: 4",
        "{'a': {'dtype':'U8','shape':[1],'data_offsets':[0,1]},'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}}"
                + "|1|a stands there twice",
        "{'a': {'dtype':'F32','dtype':'F32','shape':[1],'data_offsets':[0,4]}}|4|dtype stands there twice",
        "{'a': {'dtype':'BF16','shape':[4611686018427387904,4],'data_offsets':[0,0]}}|0|expected: less",
        "{'a': {'dtype':'F32','shape':[4611686018427387904],'data_offsets':[0,0]}}|0|expected: less",
        "{'a': {'dtype':'BF16','shape':[-2,-3],'data_offsets':[0,12]}}|12|none negative",
        "{'a': {'dtype':'BF16','shape':[99999999999999999999],'data_offsets':[0,12]}}|12|JSON of the safetensors kind",
        "{'a': {'dtype':'BF16','shape':[2.0,3],'data_offsets':[0,12]}}|12|VALUE_NUMBER_FLOAT",
        "{'a': {'dtype':'BF17','shape':[2,3],'data_offsets':[0,12]}}|12|dtype: BF17",
        "{'a': {'dtype':'BF16','shape':[2,3]}}|12|incomplete",
        "{'a': {'dtype':'BF16','shape':[2,3],'data_offsets':[0]}}|12|incomplete",
        "{'a': {'dtype':'BF16','shape':[2,3],'data_offsets':[0,6,12]}}|12|at most 2 numbers",
        "{'a': {'dtype':'BF16','shape':[2,3],'data_offsets':[0,12],'more':1}}|12|unknown field more",
        "{'a': [1]}|0|START_ARRAY", "[]|0|START_ARRAY", "{} {}|0|more after", "{'a'|0|JSON of the safetensors kind",
        "nothing like JSON|0|JSON of the safetensors kind",
        "{'__metadata__': {'a': {'b': 'c'}}}|0|__metadata__"})
    void lieIsNamed(String header, int dataBytes, String told) {
        assertThatThrownBy(() -> read(header, dataBytes)).isInstanceOf(ModelProblem.class)
                .hasMessageStartingWith("w.safetensors: ")
                .hasMessageContaining(told);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 0, 1, 100_000_001, 67})
    void impossibleHeaderLengthIsRefused(long length) {
        var bytes = TinyCheckpoint.safetensors(GOOD.replace('\'', '"'), new byte[0]);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);

        assertThatThrownBy(() -> read(bytes)).isInstanceOf(ModelProblem.class).hasMessageContaining("header length");
    }

    @Test
    void fileTooShortForALengthIsRefused() {
        assertThatThrownBy(() -> read(new byte[7])).isInstanceOf(ModelProblem.class)
                .hasMessageContaining("not a safetensors file");
    }

    @Test
    void headerThatIsNotUtf8IsRefused() {
        var bytes = TinyCheckpoint.safetensors(GOOD.replace('\'', '"'), new byte[12]);
        bytes[10] = (byte) 0xff;

        assertThatThrownBy(() -> read(bytes)).isInstanceOf(ModelProblem.class).hasMessageContaining("UTF-8");
    }

    /** A sparse file whose header really has the claimed size. */
    @Test
    void hugeHeaderIsRefusedWithoutRoomForIt() throws Exception {
        var file = directory.resolve("huge.safetensors");
        try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(200_000_000);
            sparse.writeLong(Long.reverseBytes(100_000_000));
        }

        long allocated = allocatedBytes(() -> assertThatThrownBy(() -> SafetensorsHeader.read("huge", file))
                .isInstanceOf(ModelProblem.class));

        assertThat(allocated).isLessThan(10 << 20);
    }

    /** Every mutation either still is a valid header or is refused in words; nothing else escapes. */
    @Test
    void mutatedHeadersNeverDoWorseThanBeRefused() throws Exception {
        long seed = Long.getLong("seed", 20_260_101);
        var random = new Random(seed);
        var good = TinyCheckpoint.safetensors(TinyCheckpoint.shapes());
        int refused = 0;
        for (int i = 0; i < FUZZED; i++) {
            var mutated = mutated(good, random);
            try {
                var header = SafetensorsHeader.read(new ByteArrayInputStream(mutated), mutated.length);
                long bytes = header.tensors().stream().mapToLong(SafetensorsHeader.Entry::bytes).sum();
                assertThat(header.dataStart() + bytes).as("seed %d, round %d", seed, i).isEqualTo(mutated.length);
            } catch (BadHeader | CharacterCodingException _) {
                refused++;
            }
        }
        assertThat(refused).as("seed %d", seed).isGreaterThan(FUZZED / 2);
    }

    private static byte[] mutated(byte[] good, Random random) {
        var bytes = Arrays.copyOf(good, random.nextInt(10) == 0 ? random.nextInt(good.length) : good.length);
        int headerEnd = Math.min(bytes.length, 8 + ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getInt());
        for (int n = 1 + random.nextInt(4); n > 0 && headerEnd > 0; n--) {
            int at = random.nextInt(20) == 0 ? random.nextInt(Math.min(8, headerEnd)) : random.nextInt(headerEnd);
            bytes[at] = random.nextBoolean()
                    ? (byte) random.nextInt(256)
                    : (byte) "{}[]\":,0123456789-e".charAt(random.nextInt(19));
        }
        return bytes;
    }

    private static long allocatedBytes(Runnable action) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        action.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void lyingShapeAllocatesNothing() throws Exception {
        var header = "{'a': {'dtype':'BF16','shape':[1000000,1000000],'data_offsets':[0,2000000000000]}}";

        long allocated = allocatedBytes(() -> assertThatThrownBy(() -> read(header, 12))
                .isInstanceOf(ModelProblem.class)
                .hasMessageContaining("data: 12 bytes"));

        assertThat(allocated).isLessThan(4 << 20);
    }
}
