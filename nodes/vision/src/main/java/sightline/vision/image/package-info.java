/**
 * From a picture file to pixel values, as PIL and transformers do it, in pure Java.
 *
 * <p>Every decoder gives PIL's bits: measured against Pillow 13.0 (libjpeg-turbo 3.2, libwebp 1.6) on 1,190 files made for
 * it (every PNG kind, JPEG of qualities 1 to 100 with all samplings, progressive, CMYK and YCCK, lossy and lossless WebP,
 * GIF, BMP), the largest difference was 0. For JPEG this rests on the JDK's libjpeg and PIL's computing alike, which other
 * builds need not do: the tests allow a level or two there. Refused though PIL reads them: arithmetic-coded JPEG, JPEG of
 * more than 100 scans. Differently from PIL, an orientation that stands in XMP or in a text chunk only is not applied.
 *
 * <p>Knows no tensors, no actors, no network. Start with {@link sightline.vision.image.ImageDecoder}, then
 * {@link sightline.vision.image.Preprocessor}.
 */
@NullMarked
package sightline.vision.image;

import org.jspecify.annotations.NullMarked;
