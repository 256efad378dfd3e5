package sightline.vision.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.image.UnreadableImage;
import sightline.vision.CpuTime;
import sightline.vision.Golden;

/** Broken files of every format are refused in words, or decoded; nothing else happens, and none takes a second. */
class DecodeFuzzTest {
    private static final int FILES_A_SEED = 2_000;
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private static List<byte[]> whole = List.of();

    @BeforeAll
    static void readPictures() {
        var golden = Golden.open(Golden.root().resolve("images"), "decode");
        whole = golden.tensors()
                .map(t -> t.substring(0, t.length() - ".rgb".length()))
                .filter(name -> !name.startsWith("animated")) // whole with its first frame
                .map(golden::file)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void survivesMutatedFiles(long firstSeed) {
        long seed = Long.getLong("seed", firstSeed);
        var random = new Random(seed);
        int decoded = 0;
        for (int i = 0; i < FILES_A_SEED; i++) {
            byte[] file = mutated(whole.get(random.nextInt(whole.size())), random);
            decoded += decodes(file, "seed " + seed + ", file " + i) ? 1 : 0;
        }
        assertThat(decoded).as("files that a mutation left readable").isBetween(1, FILES_A_SEED - 1);
    }

    @Test
    void refusesEveryTruncatedFile() {
        var random = new Random(7);
        for (byte[] file : whole) {
            for (int i = 0; i < 20; i++) {
                byte[] cut = Arrays.copyOf(file, random.nextInt(file.length * 8 / 10));
                assertThat(decodes(cut, cut.length + " of " + file.length + " bytes")).isFalse();
            }
        }
    }

    @Test
    void refusesNoiseBehindEveryMagic() {
        var random = new Random(8);
        for (byte[] file : whole) {
            for (int i = 0; i < 20; i++) {
                byte[] noise = new byte[20 + random.nextInt(2_000)];
                random.nextBytes(noise);
                System.arraycopy(file, 0, noise, 0, 16);
                decodes(noise, "noise");
            }
        }
        assertThatThrownBy(() -> ImageDecoder.decode(new byte[100])).isInstanceOf(UnreadableImage.class);
    }

    private static boolean decodes(byte[] file, String what) {
        var time = CpuTime.start();
        try {
            ImageDecoder.decode(file);
            return true;
        } catch (UnreadableImage e) {
            assertThat(e).as(what).hasMessageContaining("(expected: ").hasMessageNotContaining("sightline.");
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(what, e);
        } finally {
            assertThat(time.elapsed()).as(what).isLessThan(LIMIT);
        }
    }

    private static byte[] mutated(byte[] file, Random random) {
        byte[] mutated = random.nextInt(4) == 0 ? Arrays.copyOf(file, random.nextInt(file.length)) : file.clone();
        for (int i = 1 + random.nextInt(6); i > 0 && mutated.length > 0; i--) {
            // Half of the mutations hit what the headers say.
            int within = random.nextBoolean() ? mutated.length : Math.min(64, mutated.length);
            mutated[random.nextInt(within)] = (byte) random.nextInt();
        }
        return mutated;
    }
}
