package sightline.vision.image;

import sightline.image.ImageHeader;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/**
 * Decodes a picture file to RGB as PIL's {@code ImageOps.exif_transpose(image).convert("RGB")} does, or says why not.
 *
 * <p>The size is judged from the header before a pixel is allocated. Of an animation the first frame counts. Alpha is
 * dropped, not composited; colour profiles, gamma and every other metadata but the EXIF orientation are ignored. Work
 * and memory are bounded by the pixels that the header claims and by the length of the file.
 */
public final class ImageDecoder {
    private ImageDecoder() {}

    /** Any thread; nothing is kept. */
    public static RgbImage decode(byte[] encoded) throws UnreadableImage {
        ImageHeader header = ImageHeader.read(encoded);
        PictureBytes bytes = new PictureBytes(encoded);
        return switch (header.format()) {
            case PNG -> PngDecoder.decode(bytes, header);
            case JPEG -> JpegDecoder.decode(bytes, header);
            case WEBP -> WebpDecoder.decode(bytes, header);
            case GIF -> GifDecoder.decode(bytes, header);
            case BMP -> BmpDecoder.decode(bytes, header);
        };
    }
}
