package sightline.wire;

import com.google.protobuf.ByteString;

/**
 * Names the projected tokens of one picture: equal keys mean equal picture file, preprocessing and model.
 *
 * @param sha256 over the three digests, in that order
 */
public record ImageKey(Sha256 sha256) {

    public static ImageKey of(Sha256 encodedImage, Sha256 preprocessing, Sha256 model) {
        var digest = Sha256.digest();
        digest.update(encodedImage.bytes());
        digest.update(preprocessing.bytes());
        digest.update(model.bytes());
        return new ImageKey(Sha256.fromBytes(digest.digest()));
    }

    public static ImageKey fromBytes(ByteString bytes) {
        return new ImageKey(Sha256.fromBytes(bytes));
    }

    public ByteString byteString() {
        return sha256.byteString();
    }

    @Override
    public String toString() {
        return sha256.hex();
    }
}
