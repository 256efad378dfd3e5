package sightline.wire;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A whole SHA-256, never a shortened one.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Sha256(String hex) {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    public Sha256 {
        if (!HEX.matcher(hex).matches())
            throw new IllegalArgumentException("hex: " + hex + " (expected: 64 lower-case hexadecimal digits)");
    }

    public static Sha256 of(byte[] content) {
        return finish(digest(), ByteBuffer.wrap(content));
    }

    /** Hashes the remaining bytes; the buffer's position stays. */
    public static Sha256 of(ByteBuffer content) {
        return finish(digest(), content.duplicate());
    }

    public static Sha256 of(ByteString content) {
        var digest = digest();
        content.asReadOnlyByteBufferList().forEach(digest::update);
        return fromBytes(digest.digest());
    }

    /** Takes 32 bytes as they came over a wire. */
    public static Sha256 fromBytes(byte[] bytes) {
        return new Sha256(HexFormat.of().formatHex(bytes));
    }

    public static Sha256 fromBytes(ByteString bytes) {
        return fromBytes(bytes.toByteArray());
    }

    /** A fresh digest to feed piece by piece; {@link #fromBytes(byte[])} takes its result. */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    public ByteString byteString() {
        return ByteString.copyFrom(bytes());
    }

    @Override
    public String toString() {
        return hex;
    }

    private static Sha256 finish(MessageDigest digest, ByteBuffer content) {
        digest.update(content);
        return fromBytes(digest.digest());
    }
}
