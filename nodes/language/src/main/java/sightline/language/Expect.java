package sightline.language;

import sightline.wire.Failure;

/** Checks of single fields, with a refusal that names the field, the value and what was expected. */
final class Expect {
    private Expect() {}

    static void that(boolean holds, String field, Object value, String expected) throws Refusal {
        if (!holds) {
            throw new Refusal(new Failure.BadField(field, value + " (expected: " + expected + ")"));
        }
    }

    static int range(String field, int value, int least, int most) throws Refusal {
        that(value >= least && value <= most, field, value, least + ".." + most);
        return value;
    }

    /** A value parsed by its own type, whose words of refusal are good for the field. */
    static <T> T parsed(String field, ThrowingParser<T> parser) throws Refusal {
        try {
            return parser.parse();
        } catch (IllegalArgumentException e) {
            throw new Refusal(new Failure.BadField(field, String.valueOf(e.getMessage())));
        }
    }

    /** Makes a value or throws IllegalArgumentException. */
    interface ThrowingParser<T> {
        T parse();
    }
}
