package sightline.router.text;

/** A model's tokenizer or template files that this router cannot work with; the message says what was expected. */
public final class UnusableTokenizer extends Exception {
    private static final long serialVersionUID = 1L;

    public UnusableTokenizer(String message) {
        super(message);
    }

    public UnusableTokenizer(String message, Throwable cause) {
        super(message, cause);
    }
}
