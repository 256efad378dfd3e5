package sightline.router.request;

import sightline.router.prompt.RequestRefused;
import sightline.wire.Failure;

/** Where a value stands in a request, written as in inference.proto: {@code conversation.messages[0].role}. */
record FieldPath(String text) {

    FieldPath field(String name) {
        return new FieldPath(text.isEmpty() ? name : text + "." + name);
    }

    FieldPath element(int index) {
        return new FieldPath(text + "[" + index + "]");
    }

    static FieldPath of(String name) {
        return new FieldPath(name);
    }

    /** Refuses the request unless {@code holds}. */
    void expect(boolean holds, Object got, String expected) throws RequestRefused {
        if (!holds)
            throw refused(got, expected);
    }

    RequestRefused refused(Object got, String expected) {
        return new RequestRefused(new Failure.BadField(text, got + " (expected: " + expected + ")"));
    }

    @Override
    public String toString() {
        return text;
    }
}
