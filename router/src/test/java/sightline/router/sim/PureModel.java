package sightline.router.sim;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;
import sightline.router.session.SimulatedRequest;
import sightline.router.text.DemoTokenizer;
import sightline.wire.Sha256;

/**
 * A model without weights: every token is a function of bits (the fingerprint's), prompt, pictures, seed, choice and the
 * tokens before it, and of nothing else.
 *
 * <p>It says words, parts of a letter, and now and then its end.
 */
final class PureModel {
    private static final int END = SimulatedRequest.MODEL.config().generation().endIds().getFirst();
    private static final int[] WORDS = Arrays
            .stream(DemoTokenizer.encode("the red circle is there, left of a blue square 日 and below it"))
            .distinct()
            .toArray();
    private static final int PERCENT_END = 2;

    private PureModel() {}

    /** What an answer begins with. */
    static long begin(String bits, List<Integer> promptIds, List<ByteString> projected, long seed, int choice) {
        long thought = mix(bits.hashCode(), promptIds.hashCode());
        for (var picture : projected)
            thought = mix(thought, picture.hashCode());
        return mix(mix(thought, seed), choice);
    }

    static long after(long thought, int id) {
        return mix(thought, id);
    }

    static int token(long thought) {
        int drawn = (int) Math.floorMod(mix(thought, 17), 100L);
        return drawn < PERCENT_END ? END : WORDS[(int) Math.floorMod(mix(thought, 19), (long) WORDS.length)];
    }

    /** What a vision node makes of a picture. */
    static ByteString projected(ByteString imageKey, String bits) {
        return Sha256.of(imageKey.concat(ByteString.copyFromUtf8(bits))).byteString();
    }

    /** An answer without end. */
    static PrimitiveIterator.OfInt tokens(long begin) {
        var thought = new long[]{begin};
        return IntStream.generate(() -> {
            int id = token(thought[0]);
            thought[0] = after(thought[0], id);
            return id;
        }).iterator();
    }

    private static long mix(long a, long b) {
        long z = a * 0x9E3779B97F4A7C15L + b + 0x632BE59BD9B4E019L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
