package sightline.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageHeaderTest {
    @Test
    void readsTheSizeOfEveryFormat() throws UnreadableImage {
        assertThat(ImageHeader.read(png(640, 480))).isEqualTo(new ImageHeader(ImageFormat.PNG, 640, 480));
        assertThat(ImageHeader.read(jpeg(640, 480))).isEqualTo(new ImageHeader(ImageFormat.JPEG, 640, 480));
        assertThat(ImageHeader.read(webp("VP8X", 640, 480))).isEqualTo(new ImageHeader(ImageFormat.WEBP, 640, 480));
        assertThat(ImageHeader.read(webp("VP8 ", 640, 480))).isEqualTo(new ImageHeader(ImageFormat.WEBP, 640, 480));
        assertThat(ImageHeader.read(webp("VP8L", 640, 480))).isEqualTo(new ImageHeader(ImageFormat.WEBP, 640, 480));
        assertThat(ImageHeader.read(gif(640, 480, 640, 480))).isEqualTo(new ImageHeader(ImageFormat.GIF, 640, 480));
        assertThat(ImageHeader.read(bmp(640, -480))).isEqualTo(new ImageHeader(ImageFormat.BMP, 640, 480));
    }

    @Test
    void aGifFrameBeyondItsScreenCounts() throws UnreadableImage {
        assertThat(ImageHeader.read(gif(10, 10, 200, 300))).isEqualTo(new ImageHeader(ImageFormat.GIF, 200, 300));
    }

    @Test
    void refusesMorePixelsThanAllowedFromTheHeader() {
        for (byte[] file : new byte[][]{png(65_535, 65_535), png(4097, 4096), jpeg(65_535, 65_535),
            gif(10, 10, 12_000, 12_000), gif(12_000, 12_000, 1, 1), webp("VP8X", 1 << 24, 1 << 24),
            bmp(Integer.MAX_VALUE, Integer.MIN_VALUE), png(70_000, 1)}) {
            assertThatThrownBy(() -> ImageHeader.read(file)).isInstanceOf(UnreadableImage.class)
                    .hasMessageContaining("pixels (expected: ");
        }
    }

    @Test
    void takesTheLargestAllowedPicture() throws UnreadableImage {
        assertThat(ImageHeader.read(png(4096, 4096)).width()).isEqualTo(4096);
        assertThat(ImageHeader.read(png(1, 10_000)).height()).isEqualTo(10_000);
    }

    @Test
    void refusesWhatIsNoPicture() {
        for (String text : new String[]{"<!DOCTYPE html><html></html>", "x", "RIFF    WAVE", "%PDF-1.7", "BM",
            "GIF89a"}) {
            assertThatThrownBy(() -> ImageHeader.read(text.getBytes(StandardCharsets.ISO_8859_1)))
                    .isInstanceOf(UnreadableImage.class)
                    .hasMessageContaining("expected: ")
                    .hasMessageNotContaining("sightline")
                    .hasMessageNotContaining("java");
        }
    }

    @Test
    void refusesEmptyAndOversizedFiles() {
        assertThatThrownBy(() -> ImageHeader.read(new byte[0])).isInstanceOf(UnreadableImage.class)
                .hasMessage("picture: 0 bytes (expected: 1..10485760 bytes)");
        assertThatThrownBy(() -> ImageHeader.read(new byte[ImageHeader.MAX_BYTES + 1]))
                .isInstanceOf(UnreadableImage.class)
                .hasMessageContaining("expected: 1..10485760 bytes");
    }

    /** 100,000 broken headers a run, each answered by a size within the limits or by a refusal. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void survivesBrokenHeaders(long firstSeed) {
        long seed = Long.getLong("seed", firstSeed);
        var random = new Random(seed);
        Supplier<byte[]> whole = () -> switch (random.nextInt(6)) {
            case 0 -> png(random.nextInt(), random.nextInt());
            case 1 -> jpeg(random.nextInt(65_536), random.nextInt(65_536));
            case 2 -> webp(random.nextBoolean() ? "VP8X" : "VP8L", 1 + random.nextInt(16_000),
                    1 + random.nextInt(16_000));
            case 3 -> gif(random.nextInt(65_536), random.nextInt(65_536), random.nextInt(65_536), random.nextInt(99));
            case 4 -> bmp(random.nextInt(), random.nextInt());
            default -> noise(random);
        };
        for (int i = 0; i < 20_000; i++) {
            byte[] file = mutated(whole.get(), random);
            try {
                var header = ImageHeader.read(file);
                assertThat((long) header.width() * header.height()).as("seed %d, file %d", seed, i)
                        .isBetween(1L, (long) ImageHeader.MAX_PIXELS);
            } catch (UnreadableImage e) {
                assertThat(e).hasMessageContaining("expected: ");
            }
        }
    }

    private static byte[] noise(Random random) {
        byte[] noise = new byte[random.nextInt(64)];
        random.nextBytes(noise);
        return noise;
    }

    private static byte[] mutated(byte[] file, Random random) {
        byte[] mutated = java.util.Arrays.copyOf(file, random.nextInt(file.length + 1));
        for (int i = random.nextInt(4); i > 0 && mutated.length > 0; i--) {
            mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
        }
        return mutated;
    }

    private static byte[] png(int width, int height) {
        return ByteBuffer.allocate(33)
                .put(latin("\u0089PNG\r\n\u001a\n"))
                .putInt(13)
                .put(latin("IHDR"))
                .putInt(width)
                .putInt(height)
                .array();
    }

    private static byte[] jpeg(int width, int height) {
        return ByteBuffer.allocate(30)
                .put(latin("\u00ff\u00d8\u00ff\u00e0"))
                .putShort((short) 4)
                .putShort((short) 0)
                .put(latin("\u00ff\u00ff\u00c0"))
                .putShort((short) 11)
                .put((byte) 8)
                .putShort((short) height)
                .putShort((short) width)
                .array();
    }

    private static byte[] webp(String chunk, int width, int height) {
        var file = ByteBuffer.allocate(30)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(latin("RIFF"))
                .putInt(22)
                .put(latin("WEBP" + chunk))
                .putInt(10);
        switch (chunk) {
            case "VP8X" -> file.putInt(0).put(three(width - 1)).put(three(height - 1));
            case "VP8L" -> file.put((byte) 0x2f).putInt((width - 1) | (height - 1) << 14);
            default ->
                    file.put(new byte[3]).put(latin("\u009d\u0001*")).putShort((short) width).putShort((short) height);
        }
        return file.array();
    }

    private static byte[] three(int number) {
        return new byte[]{(byte) number, (byte) (number >> 8), (byte) (number >> 16)};
    }

    private static byte[] gif(int screenWidth, int screenHeight, int width, int height) {
        var file = new ByteArrayOutputStream();
        try {
            file.write(ByteBuffer.allocate(13)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(latin("GIF89a"))
                    .putShort((short) screenWidth)
                    .putShort((short) screenHeight)
                    .put((byte) 0x80)
                    .array());
            file.write(new byte[6]); // two colours
            file.write(latin("!\u00f9\u0004\u0000\u0000\u0000\u0000\u0000")); // a graphic control
            file.write(ByteBuffer.allocate(10)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(latin(","))
                    .putInt(0)
                    .putShort((short) width)
                    .putShort((short) height)
                    .array());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return file.toByteArray();
    }

    private static byte[] bmp(int width, int height) {
        return ByteBuffer.allocate(54)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(latin("BM"))
                .position(14)
                .putInt(40)
                .putInt(width)
                .putInt(height)
                .array();
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
