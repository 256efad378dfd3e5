package sightline.deploy.synth;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Writes one safetensors file of bfloat16 tensors, run by run on all cores; memory stays at one run a core whatever the
 * file's size. The file's bytes depend on the specs and the seed alone.
 */
final class SafetensorsWriter {

    private static final int RUN_BYTES = 4 << 20;

    /** Tensor data begins at a multiple of this, as the reference implementation writes it. */
    private static final int ALIGNMENT = 8;

    private final long seed;
    private final LongConsumer written;

    /** @param written told the number of bytes of each run once it is in the file; called on several threads */
    SafetensorsWriter(long seed, LongConsumer written) {
        this.seed = seed;
        this.written = written;
    }

    void write(Path file, List<TensorSpec> specs) throws IOException {
        byte[] header = header(specs);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer start = ByteBuffer.allocate(Long.BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
            writeFully(channel, start.putLong(header.length).put(header).flip(), 0);
            runs(specs, start.capacity()).parallelStream().forEach(run -> write(channel, run));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static byte[] header(List<TensorSpec> specs) {
        JsonObject header = new JsonObject();
        JsonObject metadata = new JsonObject();
        metadata.addProperty("format", "pt");
        header.add("__metadata__", metadata);
        long offset = 0;
        for (TensorSpec spec : specs) {
            header.add(spec.name(), entry(spec, offset));
            offset += spec.bfloat16Bytes();
        }
        String text = header.toString();
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        return (text + " ".repeat(-length & (ALIGNMENT - 1))).getBytes(StandardCharsets.UTF_8);
    }

    private static JsonObject entry(TensorSpec spec, long offset) {
        JsonObject entry = new JsonObject();
        entry.addProperty("dtype", "BF16");
        entry.add("shape", array(spec.shape()));
        entry.add("data_offsets", array(List.of(offset, offset + spec.bfloat16Bytes())));
        return entry;
    }

    private static JsonArray array(List<? extends Number> numbers) {
        JsonArray array = new JsonArray();
        numbers.forEach(array::add);
        return array;
    }

    /** @param position of the run's first byte in the file */
    private record Run(BFloat16Values values, long firstElement, int bytes, long position) {}

    private List<Run> runs(List<TensorSpec> specs, long dataStart) {
        List<Run> runs = new ArrayList<>();
        long position = dataStart;
        for (TensorSpec spec : specs) {
            BFloat16Values values = BFloat16Values.of(spec, seed);
            long bytes = spec.bfloat16Bytes();
            for (long done = 0; done < bytes; done += RUN_BYTES) {
                int length = (int) Math.min(RUN_BYTES, bytes - done);
                runs.add(new Run(values, done / Short.BYTES, length, position + done));
            }
            position += bytes;
        }
        return runs;
    }

    private void write(FileChannel channel, Run run) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(run.bytes());
            run.values().fill(bytes, run.firstElement());
            writeFully(channel, bytes.asByteBuffer(), run.position());
            written.accept(run.bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }
}
