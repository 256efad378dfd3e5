package sightline.router.text;

/**
 * A token that the tokenizer finds in text by its content, before any subword is looked for.
 *
 * @param special left out of the text that a client sees
 */
public record AddedToken(int id, String content, boolean special) {

    public AddedToken {
        if (id < 0)
            throw new IllegalArgumentException("id: " + id + " (expected: >= 0)");
        if (content.isEmpty())
            throw new IllegalArgumentException("content: nothing (expected: the token's text)");
    }
}
