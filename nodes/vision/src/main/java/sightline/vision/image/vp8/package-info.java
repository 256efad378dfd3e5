/**
 * The lossy picture coding of WebP: a key frame of VP8, decoded bit for bit as libwebp decodes it.
 *
 * <p>Written from RFC 6386 and from libwebp 3757b8afeb54e305eaef18502812a9a88b7ed662 (https://github.com/webmproject/libwebp,
 * src/dec and src/dsp; BSD licence, Google), whose names of paragraphs stand in the comments. A library was tried first:
 * the VP8 decoder of TwelveMonkeys 3.13.1 differs from libwebp by 5 to 13 levels on average and by up to 163, and holds
 * about a gigabyte of objects for 16 megapixels.
 *
 * <p>Knows bytes and planes, no containers, no colour profiles. Start with {@link sightline.vision.image.vp8.Vp8Decoder}.
 */
@NullMarked
package sightline.vision.image.vp8;

import org.jspecify.annotations.NullMarked;
