package sightline.vision.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.image.UnreadableImage;
import sightline.vision.CpuTime;
import sightline.vision.Golden;

/** Small files that claim or unfold to something huge cost neither memory nor time. */
@Timeout(10)
class ImageBombTest {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    @Test
    void pngOf65535SquareIsRefusedFromItsHeader() {
        long before = allocatedBytes();

        assertThatThrownBy(() -> ImageDecoder.decode(png(65_535, 65_535, new byte[0])))
                .isInstanceOf(UnreadableImage.class)
                .hasMessageContaining("65535x65535 pixels (expected: ");

        assertThat(allocatedBytes() - before).isLessThan(1 << 20);
    }

    @Test
    void webpPixelsOfAnotherSizeThanItsCanvasAreRefusedUnread() {
        // VP8X says 16x16; the VP8L stream within says 16383x16383, all of one colour: five codes of one symbol each.
        var file = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
        file.put(latin("RIFF")).putInt(40).put(latin("WEBPVP8X")).putInt(10).putInt(0);
        file.put(new byte[]{15, 0, 0, 15, 0, 0}).put(latin("VP8L")).putInt(9);
        file.put((byte) '/').putInt(16_382 | 16_382 << 14).putInt(0x88888);
        long before = allocatedBytes();

        assertThatThrownBy(() -> ImageDecoder.decode(file.array())).isInstanceOf(UnreadableImage.class)
                .hasMessageContaining("16383x16383 pixels (expected: ");

        assertThat(allocatedBytes() - before).isLessThan(1 << 20);
    }

    @Test
    void pngWithoutTheRowsItClaimsIsRefused() {
        assertThatThrownBy(() -> ImageDecoder.decode(png(4096, 4096, deflated(new byte[100]))))
                .isInstanceOf(UnreadableImage.class)
                .hasMessageContaining("ends too early");
    }

    @Test
    void pixelDataBeyondThePictureIsNeverUnpacked() throws UnreadableImage {
        byte[] bomb = deflated(new byte[64 << 20]);

        assertThat(ImageDecoder.decode(png(2, 2, bomb)).width()).isEqualTo(2);
    }

    @Test
    void compressedMetadataIsNeverUnpacked() throws UnreadableImage {
        var file = new ByteArrayOutputStream();
        file.writeBytes(latin("\u0089PNG\r\n\u001a\n"));
        file.writeBytes(chunk("IHDR", header(2, 2)));
        byte[] text = deflated(new byte[64 << 20]);
        for (int i = 0; i < 15; i++) {
            file.writeBytes(chunk("zTXt", concat(latin("k\0\0"), text)));
            file.writeBytes(chunk("iCCP", concat(latin("k\0\0"), text)));
        }
        file.writeBytes(chunk("IDAT", deflated(new byte[2 * 7])));

        var time = CpuTime.start();
        assertThat(ImageDecoder.decode(file.toByteArray()).height()).isEqualTo(2);
        assertThat(time.elapsed()).isLessThan(LIMIT);
    }

    @Test
    void aMillionChunksAreSkipped() throws UnreadableImage {
        var file = new ByteArrayOutputStream();
        file.writeBytes(latin("\u0089PNG\r\n\u001a\n"));
        file.writeBytes(chunk("IHDR", header(2, 2)));
        byte[] empty = chunk("teXt", new byte[0]);
        for (int i = 0; i < 800_000; i++) {
            file.writeBytes(empty);
        }
        file.writeBytes(chunk("IDAT", deflated(new byte[2 * 7])));

        var time = CpuTime.start();
        assertThat(ImageDecoder.decode(file.toByteArray()).height()).isEqualTo(2);
        assertThat(time.elapsed()).isLessThan(LIMIT);
    }

    @Test
    void jpegOfManyScansIsRefused() {
        byte[] progressive = Golden.open(Golden.root().resolve("images"), "decode").file("progressive.jpg");
        int scan = lastScan(progressive);
        var file = new ByteArrayOutputStream();
        file.write(progressive, 0, progressive.length - 2);
        for (int i = 0; i < 10_000; i++) {
            file.write(progressive, scan, progressive.length - 2 - scan);
        }
        file.writeBytes(new byte[]{(byte) 0xff, (byte) 0xd9});

        assertThatThrownBy(() -> ImageDecoder.decode(file.toByteArray())).isInstanceOf(UnreadableImage.class)
                .hasMessageContaining("scans (expected: fewer");
    }

    @Test
    void onlyTheFirstFrameOfAnAnimationIsLookedAt() throws UnreadableImage {
        byte[] animated = Golden.open(Golden.root().resolve("images"), "decode").file("animated.gif");
        byte[] long_ = java.util.Arrays.copyOf(animated, 9 << 20);

        var time = CpuTime.start();
        assertThat(ImageDecoder.decode(long_).rgb()).isEqualTo(ImageDecoder.decode(animated).rgb());
        assertThat(time.elapsed()).isLessThan(LIMIT);
    }

    @Test
    void exifDirectoriesThatPointAtThemselvesDoNoHarm() throws UnreadableImage {
        // One entry (an orientation of 6), then "the next directory is this one".
        byte[] exif = concat(latin("MM\0*\0\0\0\u0008\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0\u0006\0\0"),
                latin("\0\0\0\u0008"));
        var file = new ByteArrayOutputStream();
        file.writeBytes(latin("\u0089PNG\r\n\u001a\n"));
        file.writeBytes(chunk("IHDR", header(2, 3)));
        file.writeBytes(chunk("eXIf", exif));
        file.writeBytes(chunk("IDAT", deflated(new byte[3 * 7])));

        assertThat(ImageDecoder.decode(file.toByteArray()).width()).isEqualTo(3);
    }

    private static int lastScan(byte[] jpeg) {
        for (int i = jpeg.length - 2; i >= 0; i--) {
            if (jpeg[i] == (byte) 0xff && jpeg[i + 1] == (byte) 0xda) {
                return i;
            }
        }
        throw new IllegalArgumentException("no scan");
    }

    private static byte[] png(int width, int height, byte[] pixelData) {
        var file = new ByteArrayOutputStream();
        file.writeBytes(latin("\u0089PNG\r\n\u001a\n"));
        file.writeBytes(chunk("IHDR", header(width, height)));
        file.writeBytes(chunk("IDAT", pixelData));
        file.writeBytes(chunk("IEND", new byte[0]));
        return file.toByteArray();
    }

    /** 8-bit RGB. */
    private static byte[] header(int width, int height) {
        return ByteBuffer.allocate(13).putInt(width).putInt(height).put((byte) 8).put((byte) 2).array();
    }

    private static byte[] chunk(String type, byte[] data) {
        var crc = new CRC32();
        crc.update(latin(type));
        crc.update(data);
        return ByteBuffer.allocate(12 + data.length)
                .putInt(data.length)
                .put(latin(type))
                .put(data)
                .putInt((int) crc.getValue())
                .array();
    }

    private static byte[] deflated(byte[] data) {
        try (var deflater = new Deflater(Deflater.BEST_SPEED)) {
            deflater.setInput(data);
            deflater.finish();
            byte[] buffer = new byte[data.length / 100 + 1000];
            int length = deflater.deflate(buffer);
            assertThat(deflater.finished()).isTrue();
            return java.util.Arrays.copyOf(buffer, length);
        }
    }

    private static byte[] concat(byte[] a, byte[] b) {
        return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static long allocatedBytes() {
        var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        return threads.getCurrentThreadAllocatedBytes();
    }
}
