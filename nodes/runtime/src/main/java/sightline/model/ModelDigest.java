package sightline.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import sightline.wire.Sha256;

/**
 * Names a model by its content: SHA-256 over the small files, the safetensors headers, and a fixed sample of every
 * tensor's bytes, since a whole hash of 5 GB at every start would cost too much.
 */
final class ModelDigest {
    private static final int SAMPLE_BYTES = 4096;

    private final MessageDigest digest = Sha256.digest();

    private ModelDigest() {}

    static Sha256 of(SmallFiles files, StoredWeights weights) throws ModelProblem {
        var digest = new ModelDigest();
        for (String name : files.names())
            digest.add(name, files.content(name));
        for (var file : weights.files())
            digest.add(file);
        return Sha256.fromBytes(digest.digest.digest());
    }

    private void add(String name, ByteBuffer content) {
        digest.update((name + "\n" + content.remaining() + "\n").getBytes(StandardCharsets.UTF_8));
        digest.update(content);
    }

    private void add(StoredWeights.WeightsFile file) throws ModelProblem {
        digest.update((file.name() + "\n").getBytes(StandardCharsets.UTF_8));
        digest.update(file.header().sha256().bytes());
        try (var channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
            for (var entry : file.header().tensors())
                addSample(channel, file.header().dataStart() + entry.begin(), entry.bytes());
        } catch (IOException e) {
            throw new ModelProblem(file.name() + ": cannot be read: " + e.getMessage());
        }
    }

    /** The first, the middle and the last bytes, which for a small tensor are all of them. */
    private void addSample(FileChannel channel, long offset, long bytes) throws IOException {
        for (long from : new long[]{0, (bytes - SAMPLE_BYTES) / 2, bytes - SAMPLE_BYTES}) {
            var sample = ByteBuffer.allocate((int) Math.min(SAMPLE_BYTES, bytes));
            long position = offset + Math.max(0, from);
            while (sample.hasRemaining())
                if (channel.read(sample, position + sample.position()) < 0)
                    throw new IOException("the file was cut short");
            digest.update(sample.flip());
        }
    }
}
