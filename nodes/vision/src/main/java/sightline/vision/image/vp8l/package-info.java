/**
 * The lossless picture coding of WebP, "VP8L": exact by nature.
 *
 * <p>Written from the "Specification for WebP Lossless Bitstream" and from libwebp
 * 3757b8afeb54e305eaef18502812a9a88b7ed662 (src/dec/vp8l_dec.c, src/dsp/lossless.c; BSD licence, Google). Pixels are ints,
 * alpha above red above green above blue. Knows bytes and pixels, no containers. Start with
 * {@link sightline.vision.image.vp8l.Vp8lDecoder}.
 */
@NullMarked
package sightline.vision.image.vp8l;

import org.jspecify.annotations.NullMarked;
