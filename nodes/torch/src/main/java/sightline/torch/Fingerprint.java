package sightline.torch;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Equal for two nodes only if they give the same bits: a hash of the type computed in, the LibTorch build, and the bits
 * that fixed probes came out as on the real weights.
 *
 * @param hex SHA-256, 64 hexadecimal digits
 */
public record Fingerprint(String hex) {
    public Fingerprint {
        if (!hex.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("hex: " + hex + " (expected: 64 hexadecimal digits)");
        }
    }

    /**
     * Hashes what a node computed.
     *
     * @param probes outputs of the same computations, in the same order, on every node that may be compared
     */
    public static Fingerprint of(DType dtype, Torch torch, List<Tensor> probes) {
        MessageDigest digest = Sha256.start();
        digest.update((dtype + "\n" + torch.build() + "\n").getBytes(StandardCharsets.UTF_8));
        for (Tensor probe : probes) {
            String head = probe.dtype() + Arrays.toString(probe.shape()) + "\n";
            digest.update(head.getBytes(StandardCharsets.UTF_8));
            digest.update(probe.toBytes());
        }
        return new Fingerprint(HexFormat.of().formatHex(digest.digest()));
    }

    @Override
    public String toString() {
        return hex;
    }
}
