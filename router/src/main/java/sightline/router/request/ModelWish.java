package sightline.router.request;

/** Which model a client asks for. */
public sealed interface ModelWish {
    record Named(String name) implements ModelWish {}

    /** Whichever is served, as long as there is just one. */
    record TheOnlyOne() implements ModelWish {}
}
