package sightline.wire;

import com.google.protobuf.WireFormat;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import sightline.stage.v1.TensorChunk;

/**
 * A {@code TensorChunk} read from its bytes, of which {@code data} goes straight to its place in the tensor.
 *
 * <p>The generated parser would copy the data twice on its way there. Takes what that takes, but for one field that holds
 * the data twice.
 */
final class ReceivedChunk {
    private static final int MOST_DIMENSIONS = 16;
    private static final int MOST_TEXT = 256;

    private final byte[] tensor;
    private final int place;
    private final List<Long> shape = new ArrayList<>();
    private String dtype = "";
    private String modelDigest = "";
    private long offset;
    private int length;
    private int crc32c;

    /** Data goes to {@code tensor} from {@code place} on. */
    ReceivedChunk(byte[] tensor, int place) {
        this.tensor = tensor;
        this.place = place;
    }

    /** Reads to the end. @throws IOException when it is no such message, or larger than what is left of the tensor */
    void read(InputStream in) throws IOException {
        for (int first = in.read(); first >= 0; first = in.read()) {
            int tag = (int) varint(in, first);
            switch (WireFormat.getTagFieldNumber(tag)) {
                case TensorChunk.SHAPE_FIELD_NUMBER -> readShape(in, tag);
                case TensorChunk.DTYPE_FIELD_NUMBER -> dtype = text(in, tag);
                case TensorChunk.MODEL_DIGEST_FIELD_NUMBER -> modelDigest = text(in, tag);
                case TensorChunk.OFFSET_FIELD_NUMBER -> {
                    expect(tag, WireFormat.WIRETYPE_VARINT);
                    offset = varint(in, in.read());
                }
                case TensorChunk.DATA_FIELD_NUMBER -> readData(in, tag);
                case TensorChunk.CRC32C_FIELD_NUMBER -> {
                    expect(tag, WireFormat.WIRETYPE_FIXED32);
                    crc32c = fixed32(in);
                }
                default -> skip(in, tag);
            }
        }
    }

    private void readShape(InputStream in, int tag) throws IOException {
        if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT) {
            addDimension(varint(in, in.read()));
            return;
        }
        expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        int bytes = size(in, MOST_DIMENSIONS * 10);
        var packed = new ByteArrayInputStream(exactly(in, bytes));
        while (packed.available() > 0)
            addDimension(varint(packed, packed.read()));
    }

    private void addDimension(long dimension) throws IOException {
        if (shape.size() == MOST_DIMENSIONS)
            throw new IOException("more than " + MOST_DIMENSIONS + " dimensions");
        shape.add(dimension);
    }

    private void readData(InputStream in, int tag) throws IOException {
        expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        if (length > 0)
            throw new IOException("data twice");
        length = size(in, tensor.length - place);
        if (in.readNBytes(tensor, place, length) < length)
            throw new EOFException("cut off");
    }

    private static String text(InputStream in, int tag) throws IOException {
        expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        return new String(exactly(in, size(in, MOST_TEXT)), StandardCharsets.UTF_8);
    }

    private static void skip(InputStream in, int tag) throws IOException {
        switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT -> varint(in, in.read());
            case WireFormat.WIRETYPE_FIXED32 -> in.skipNBytes(Integer.BYTES);
            case WireFormat.WIRETYPE_FIXED64 -> in.skipNBytes(Long.BYTES);
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> in.skipNBytes(size(in, Integer.MAX_VALUE));
            default -> throw new IOException("tag " + tag);
        }
    }

    private static void expect(int tag, int wireType) throws IOException {
        if (WireFormat.getTagWireType(tag) != wireType)
            throw new IOException("tag " + tag);
    }

    private static int size(InputStream in, int most) throws IOException {
        long size = varint(in, in.read());
        if (size < 0 || size > most)
            throw new IOException("a field of " + size + " bytes, at most " + most);
        return (int) size;
    }

    private static byte[] exactly(InputStream in, int bytes) throws IOException {
        byte[] read = in.readNBytes(bytes);
        if (read.length < bytes)
            throw new EOFException("cut off");
        return read;
    }

    private static int fixed32(InputStream in) throws IOException {
        byte[] four = exactly(in, Integer.BYTES);
        return (four[0] & 0xFF) | (four[1] & 0xFF) << 8 | (four[2] & 0xFF) << 16 | (four[3] & 0xFF) << 24;
    }

    private static long varint(InputStream in, int first) throws IOException {
        long value = 0;
        int next = first;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (next < 0)
                throw new EOFException("cut off");
            value |= (long) (next & 0x7F) << shift;
            if (next < 0x80)
                return value;
            next = in.read();
        }
        throw new IOException("a number without end");
    }

    List<Long> shape() {
        return shape;
    }

    String dtype() {
        return dtype;
    }

    String modelDigest() {
        return modelDigest;
    }

    long offset() {
        return offset;
    }

    /** Of the data, which is in its place. */
    int length() {
        return length;
    }

    int crc32c() {
        return crc32c;
    }
}
