package sightline.image;

/**
 * A cursor over the marker segments of a JPEG file, from its start to the first scan or the frame's end.
 *
 * <p>Like libjpeg it skips bytes between segments that are no marker. One pass over the file at most.
 */
public final class JpegSegments {
    /** The marker that begins the first scan; what follows it is entropy-coded. */
    public static final int START_OF_SCAN = 0xda;
    private static final int END_OF_IMAGE = 0xd9;
    private static final int FIRST_RESTART = 0xd0;
    private static final int START_OF_IMAGE = 0xd8;
    private static final int TEMPORARY = 0x01;

    private final PictureBytes bytes;
    private int at;
    private int marker;
    private int offset;
    private int length;

    public JpegSegments(PictureBytes bytes) {
        this.bytes = bytes;
        this.at = 2;
    }

    /** Moves to the next segment; a file that ends or whose image ends before a scan is unreadable. */
    public void next() throws UnreadableImage {
        do {
            marker = nextMarker();
        } while (standsAlone(marker));
        if (marker == END_OF_IMAGE) {
            throw UnreadableImage.damaged(ImageFormat.JPEG, "no picture in it", "a frame and its scans");
        }
        int lengthWithItself = bytes.u16be(at);
        offset = at + 2;
        length = lengthWithItself - 2;
        bytes.require(offset, length);
        at = offset + length;
    }

    /** The second byte of the marker of this segment. */
    public int marker() {
        return marker;
    }

    /** Where this segment's payload begins in the file. */
    public int offset() {
        return offset;
    }

    public int length() {
        return length;
    }

    /** Whether this segment describes a frame: SOF0 to SOF15, which share their code range with three other markers. */
    public boolean isFrame() {
        return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    private int nextMarker() throws UnreadableImage {
        while (true) {
            while (bytes.u8(at++) != 0xff) {
                // bytes that belong to no segment
            }
            int code = bytes.u8(at);
            while (code == 0xff) {
                code = bytes.u8(++at);
            }
            at++;
            if (code != 0) {
                return code;
            }
        }
    }

    private static boolean standsAlone(int marker) {
        return marker == TEMPORARY || (marker >= FIRST_RESTART && marker <= START_OF_IMAGE);
    }
}
