package sightline.router.request;

import com.typesafe.config.Config;
import sightline.image.ImageHeader;

/**
 * What one request may hold, apart from what the contract fixes for single fields.
 *
 * @param pictureBytes of one picture's file
 * @param textBytes of all text together, in UTF-8
 */
public record RequestLimits(int pictures, int pictureBytes, int textBytes) {

    public RequestLimits {
        if (pictures < 0 || pictureBytes < 1 || pictureBytes > ImageHeader.MAX_BYTES || textBytes < 1)
            throw new IllegalArgumentException("router.limits: " + pictures + " pictures, " + pictureBytes
                    + " picture bytes, " + textBytes + " text bytes (expected: >= 0, 1.." + ImageHeader.MAX_BYTES
                    + ", >= 1)");
    }

    /** Reads the section router.limits. */
    public static RequestLimits from(Config section) {
        return new RequestLimits(section.getInt("pictures"), Math.toIntExact(section.getBytes("picture-size")),
                Math.toIntExact(section.getBytes("text-size")));
    }
}
