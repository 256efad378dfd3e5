/**
 * What a picture file says about itself before a pixel is decoded: its format and its size.
 *
 * <p>Pure Java over a byte array, with bounded work and memory. Knows no decoder, no ImageIO, no tensors, no gRPC: the
 * router judges pictures with it, and the vision node before it decodes them. Start with {@link sightline.image.ImageHeader}.
 */
@NullMarked
package sightline.image;

import org.jspecify.annotations.NullMarked;
