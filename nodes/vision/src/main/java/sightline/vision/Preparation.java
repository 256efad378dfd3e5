package sightline.vision;

import sightline.vision.image.PixelValues;
import sightline.wire.Failure;
import sightline.wire.Sha256;

/** What became of a picture file that was to be decoded and preprocessed. */
sealed interface Preparation {
    /** It can be encoded. */
    record Ready(PixelValues pixels, Sha256 file, long micros) implements Preparation {}

    /** It cannot. */
    record Refused(Failure failure) implements Preparation {}

    /** Nobody waited for it any more when its turn came. */
    record Unwanted() implements Preparation {}
}
