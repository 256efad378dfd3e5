/**
 * From a picture file to pixel values, as PIL and transformers do it.
 *
 * <p>JPEG is read by the JDK's libjpeg, whose samples are converted here; WebP by libwebp. PNG, GIF and BMP are read here.
 * The JDK's readers give the same pixels for the test pictures, but its PNG reader takes seconds for empty chunks, its GIF
 * reader takes many truncated files for whole ones, and its BMP reader refuses kinds that PIL reads.
 *
 * <p>Every decoder gives PIL's bits for the test pictures; the code here was also measured against Pillow 13.0
 * (libjpeg-turbo 3.2) on files made for it (every PNG kind, JPEG of qualities 1 to 100 with all samplings, progressive,
 * CMYK and YCCK, GIF, BMP), the largest difference was 0. For JPEG and lossy WebP this rests on two builds of a library
 * computing alike, which others need not do: the tests allow JPEG a level or two. Refused though PIL reads them:
 * arithmetic-coded JPEG, JPEG of more than 100 scans. Differently from PIL, an orientation that stands in XMP or in a
 * text chunk only is not applied.
 *
 * <p>Knows no tensors, no actors, no network. Start with {@link sightline.vision.image.ImageDecoder}, then
 * {@link sightline.vision.image.Preprocessor}.
 */
@NullMarked
package sightline.vision.image;

import org.jspecify.annotations.NullMarked;
