package sightline.language.stage;

/** Says what of that which came over a link makes no sense. */
final class BrokenLink extends Exception {
    private static final long serialVersionUID = 1;

    BrokenLink(String message) {
        super(message);
    }
}
