package sightline.model;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.Comparator;
import java.util.List;
import sightline.wire.Sha256;

/**
 * The header of a safetensors file, believed only after all of it was checked: the tensors fill the file from the
 * header's end to the file's end, without hole or overlap, and each has the bytes that its type and shape need.
 *
 * <p>The header is read as a stream, so what it claims allocates nothing.
 *
 * @param sha256 of the header's bytes
 * @param dataStart offset in the file of the first tensor's first byte
 */
record SafetensorsHeader(Sha256 sha256, long dataStart, List<Entry> tensors) {
    // The limit of the safetensors library, https://github.com/huggingface/safetensors (MAX_HEADER_SIZE).
    private static final long MAX_HEADER_BYTES = 100_000_000;
    private static final int LENGTH_BYTES = 8;

    /**
     * One tensor.
     *
     * @param dtype as written, such as {@code BF16}
     * @param begin from {@code dataStart} on
     */
    record Entry(String name, String dtype, List<Long> shape, long begin, long end) {
        Entry {
            shape = List.copyOf(shape);
        }

        long bytes() {
            return end - begin;
        }
    }

    SafetensorsHeader {
        tensors = List.copyOf(tensors);
    }

    /**
     * Reads and checks the header of a file.
     *
     * @throws ModelProblem that names the file and the first thing that is wrong with it
     */
    static SafetensorsHeader read(String name, Path file) throws ModelProblem {
        try (var in = Files.newInputStream(file)) {
            return read(in, Files.size(file));
        } catch (BadHeader e) {
            throw new ModelProblem(name + ": " + e.getMessage());
        } catch (CharacterCodingException _) {
            throw new ModelProblem(name + ": header is not UTF-8");
        } catch (IOException e) {
            throw new ModelProblem(name + ": cannot be read: " + e.getMessage());
        }
    }

    /** Reads and checks the header of the {@code fileBytes} that {@code in} would give. */
    static SafetensorsHeader read(InputStream in, long fileBytes) throws IOException, BadHeader {
        long headerBytes = headerLength(in, fileBytes);
        var digest = Sha256.digest();
        var bounded = new DigestInputStream(new Bounded(in, headerBytes), digest);
        var strict = StandardCharsets.UTF_8.newDecoder(); // reports what is not UTF-8
        var entries = new SafetensorsJson(new InputStreamReader(new BufferedInputStream(bounded), strict)).read();
        long dataStart = LENGTH_BYTES + headerBytes;
        checkLayout(entries, fileBytes - dataStart);
        return new SafetensorsHeader(Sha256.fromBytes(digest.digest()), dataStart, entries);
    }

    private static long headerLength(InputStream in, long fileBytes) throws IOException, BadHeader {
        var length = in.readNBytes(LENGTH_BYTES);
        if (length.length < LENGTH_BYTES)
            throw new BadHeader("not a safetensors file: " + fileBytes + " bytes (expected: at least 8)");
        long bytes = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
        long limit = Math.min(MAX_HEADER_BYTES, fileBytes - LENGTH_BYTES);
        if (bytes < 2 || bytes > limit)
            throw new BadHeader("header length: " + Long.toUnsignedString(bytes) + " (expected: 2.." + limit + ")");
        return bytes;
    }

    /** Sorted by where they begin, each tensor begins where the one before it ends. */
    private static void checkLayout(List<Entry> entries, long dataBytes) throws BadHeader {
        long end = 0;
        for (Entry entry : entries.stream()
                .sorted(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end))
                .toList()) {
            if (entry.begin() != end)
                throw new BadHeader("tensor " + entry.name() + ": begins at " + entry.begin() + " (expected: " + end
                        + ", where the one before it ends)");
            end = entry.end();
        }
        if (end != dataBytes)
            throw new BadHeader("data: " + dataBytes + " bytes in the file (expected: " + end + ", where the last "
                    + "tensor ends)");
    }

    /** Says what is wrong with a header. */
    static final class BadHeader extends Exception {
        private static final long serialVersionUID = 1;

        BadHeader(String message) {
            super(message);
        }
    }

    /** The next {@code remaining} bytes of a longer stream. */
    private static final class Bounded extends InputStream {
        private final InputStream in;
        private long remaining;

        Bounded(InputStream in, long remaining) {
            this.in = in;
            this.remaining = remaining;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (remaining == 0)
                return -1;
            int read = in.read(into, offset, (int) Math.min(length, remaining));
            if (read < 0)
                throw new EOFException("the file ended inside its header");
            remaining -= read;
            return read;
        }
    }
}
