package sightline.vision.image;

import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import sightline.image.ImageFormat;
import sightline.image.ImageHeader;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/**
 * Decodes baseline and progressive JPEG of one, three or four components; like PIL it refuses a truncated file.
 *
 * <p>The JDK's native reader gives the raw samples only. What they mean is decided here, since ImageIO guesses colour
 * models otherwise than libjpeg and knows no CMYK.
 */
final class JpegDecoder {
    private JpegDecoder() {}

    static RgbImage decode(PictureBytes bytes, ImageHeader size) throws UnreadableImage {
        JpegFrame frame = JpegFrame.read(bytes);
        byte[] samples = samples(bytes, size, frame.colour().components());
        byte[] rgb = JpegColours.toRgb(frame.colour(), samples);
        return frame.orientation().apply(new RgbImage(size.width(), size.height(), rgb));
    }

    /** @return [height, width, components] uint8 */
    private static byte[] samples(PictureBytes bytes, ImageHeader size, int components) throws UnreadableImage {
        ImageReader reader = jdkReader();
        boolean[] cutShort = new boolean[1];
        // The text of the JDK's own resource; libjpeg's warnings about damage within the file are ignored, as PIL does.
        reader.addIIOReadWarningListener((_, warning) -> cutShort[0] |= warning.startsWith("Truncated File"));
        try (var stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes.array()))) {
            reader.setInput(stream, true, true);
            Raster raster = reader.readRaster(0, null);
            if (cutShort[0]) {
                throw UnreadableImage.truncated();
            }
            if (raster.getWidth() != size.width() || raster.getHeight() != size.height()
                    || raster.getNumBands() != components) {
                throw damaged();
            }
            return ((DataBufferByte) raster.getDataBuffer()).getData();
        } catch (IOException | IllegalArgumentException | IllegalStateException | IndexOutOfBoundsException _) {
            // The reader reports damage by all of these; its texts name its insides.
            throw damaged();
        } finally {
            reader.dispose();
        }
    }

    private static ImageReader jdkReader() {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("jpeg");
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            if (reader.getClass().getModule().equals(ImageIO.class.getModule())) {
                return reader;
            }
        }
        throw new IllegalStateException("the JDK has no JPEG reader (expected: module java.desktop)");
    }

    private static UnreadableImage damaged() {
        return UnreadableImage.damaged(ImageFormat.JPEG, "damaged pixel data", "an undamaged file");
    }
}
