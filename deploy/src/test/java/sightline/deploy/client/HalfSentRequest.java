package sightline.deploy.client;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import sightline.wire.Endpoint;

/**
 * A Generate call of a client that announces a message, sends a part of it and then nothing more: HTTP/2 by hand, since no
 * library behaves so badly.
 */
public final class HalfSentRequest implements AutoCloseable {
    private static final int FRAME_BYTES = 16_384;
    private static final int FIRST_WINDOW_BYTES = 65_535;
    private static final int STREAM = 1;

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RESET = 3;
    private static final int SETTINGS = 4;
    private static final int GO_AWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int INITIAL_WINDOW_SIZE = 4;

    private final Socket socket;
    private final DataOutputStream out;
    private final DataInputStream in;
    private long connectionWindow = FIRST_WINDOW_BYTES;
    private long streamWindow = FIRST_WINDOW_BYTES;
    private boolean refused;

    private record Frame(int type, int flags, int stream, ByteBuffer payload) {}

    private HalfSentRequest(Socket socket) throws IOException {
        this.socket = socket;
        this.out = new DataOutputStream(socket.getOutputStream());
        this.in = new DataInputStream(socket.getInputStream());
    }

    /** Returns when all that was to be sent is sent, or as soon as the server has ended the call. */
    public static HalfSentRequest send(Endpoint router, int announcedBytes, int sentBytes) throws IOException {
        var request = new HalfSentRequest(new Socket(router.host(), router.port()));
        request.out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        request.write(SETTINGS, 0, 0, new byte[0]);
        request.write(HEADERS, END_HEADERS, STREAM, headers(router));
        request.writeData(ByteBuffer.allocate(5).put((byte) 0).putInt(announcedBytes).array());
        request.sendBody(sentBytes);
        return request;
    }

    /** Whether the server had ended the call before everything was sent. */
    public boolean isRefused() {
        return refused;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void sendBody(int bytes) throws IOException {
        var zeros = new byte[FRAME_BYTES];
        int left = bytes;
        while (left > 0 && !refused) {
            long room = Math.min(streamWindow, connectionWindow);
            if (room == 0 || in.available() > 0) {
                read(next());
            } else {
                int size = (int) Math.min(Math.min(room, left), FRAME_BYTES);
                writeData(zeros.length == size ? zeros : new byte[size]);
                left -= size;
            }
        }
    }

    private void read(Frame frame) throws IOException {
        switch (frame.type()) {
            case WINDOW_UPDATE -> {
                if (frame.stream() == STREAM)
                    streamWindow += frame.payload().getInt();
                else
                    connectionWindow += frame.payload().getInt();
            }
            case SETTINGS -> readSettings(frame);
            case HEADERS, DATA -> refused = (frame.flags() & END_STREAM) != 0;
            case RESET, GO_AWAY -> refused = true;
            default -> {
                // a ping, or what no later version of the protocol needs answered
            }
        }
    }

    private void readSettings(Frame frame) throws IOException {
        while (frame.payload().hasRemaining()) {
            int setting = frame.payload().getShort();
            int value = frame.payload().getInt();
            if (setting == INITIAL_WINDOW_SIZE)
                streamWindow += value - FIRST_WINDOW_BYTES;
        }
        if (frame.flags() == 0)
            write(SETTINGS, 1, 0, new byte[0]);
    }

    private Frame next() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        var payload = in.readNBytes(length);
        if (payload.length < length)
            throw new EOFException("the server closed the connection");
        return new Frame(type, flags, stream, ByteBuffer.wrap(payload));
    }

    private void writeData(byte[] payload) throws IOException {
        write(DATA, 0, STREAM, payload);
        streamWindow -= payload.length;
        connectionWindow -= payload.length;
    }

    private void write(int type, int flags, int stream, byte[] payload) throws IOException {
        var frame = ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload);
        out.write(frame.array());
    }

    /** As literals without an index, names and values uncompressed. */
    private static byte[] headers(Endpoint router) {
        var block = new ByteArrayOutputStream();
        String[][] fields = {{":method", "POST"}, {":scheme", "http"}, {":path", "/sightline.v1.Inference/Generate"},
            {":authority", router.toString()}, {"te", "trailers"}, {"content-type", "application/grpc"}};
        for (var field : fields) {
            block.write(0);
            for (var text : field) {
                block.write(text.length());
                block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
            }
        }
        return block.toByteArray();
    }
}
