package sightline.vision.image.vp8;

/** How a block is predicted from its neighbours (RFC 6386, section 12). */
enum Mode {
    DC(0), TRUE_MOTION(1), VERTICAL(2), HORIZONTAL(3), DOWN_RIGHT(4), VERTICAL_RIGHT(5), DOWN_LEFT(6), VERTICAL_LEFT(
            7), HORIZONTAL_DOWN(8), HORIZONTAL_UP(9);

    private final int number;

    Mode(int number) {
        this.number = number;
    }

    /** Its place in the probability tables. */
    int number() {
        return number;
    }
}
