package sightline.image;

/** The picture formats that are served, recognized by their first bytes and never by a name. */
public enum ImageFormat {
    PNG("PNG"), JPEG("JPEG"), WEBP("WebP"), GIF("GIF"), BMP("BMP");

    private final String title;

    ImageFormat(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }

    /** The format that these bytes claim to be in. */
    public static ImageFormat of(PictureBytes bytes) throws UnreadableImage {
        if (bytes.holds(0, "\u0089PNG\r\n\u001a\n")) {
            return PNG;
        }
        if (bytes.holds(0, "\u00ff\u00d8\u00ff")) {
            return JPEG;
        }
        if (bytes.holds(0, "RIFF") && bytes.holds(8, "WEBP")) {
            return WEBP;
        }
        if (bytes.holds(0, "GIF87a") || bytes.holds(0, "GIF89a")) {
            return GIF;
        }
        if (bytes.holds(0, "BM")) {
            return BMP;
        }
        throw new UnreadableImage("picture: " + bytes.length()
                + " bytes in an unknown format (expected: a PNG, JPEG, WebP, GIF or BMP file)");
    }
}
