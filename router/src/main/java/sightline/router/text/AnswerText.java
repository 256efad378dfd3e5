package sightline.router.text;

import java.util.Optional;

/**
 * The text of one answer as its ids come in: whole characters only, held back while they could become a stop string,
 * with a match cut off.
 *
 * <p>An immutable value; the text so far is a function of the ids so far alone.
 */
public final class AnswerText {

    /** What one id, or the end, made certain. */
    public sealed interface Progress {
        /** The part that may be shown now. */
        String text();

        record Open(AnswerText next, String text) implements Progress {}

        /** A stop string is complete: the answer ends with this text. */
        record Stopped(String stop, String text) implements Progress {}
    }

    /** The text after the last id, and the stop string that the very end completed, if any. */
    public record End(String text, Optional<String> stop) {}

    private final Detokenizer detokenizer;
    private final SpaceCleaning cleaning;
    private final StopStrings.Scan scan;

    private AnswerText(Detokenizer detokenizer, SpaceCleaning cleaning, StopStrings.Scan scan) {
        this.detokenizer = detokenizer;
        this.cleaning = cleaning;
        this.scan = scan;
    }

    public static AnswerText of(Vocabulary vocabulary, StopStrings stops) {
        return new AnswerText(Detokenizer.of(vocabulary), SpaceCleaning.of(vocabulary.cleansSpaces()), stops.start());
    }

    public Progress accept(int id) {
        var step = detokenizer.accept(id);
        var cleaned = cleaning.accept(step.text());
        return switch (scan.accept(cleaned.text())) {
            case StopStrings.Outcome.Open open ->
                    new Progress.Open(new AnswerText(step.next(), cleaned.next(), open.next()), open.text());
            case StopStrings.Outcome.Matched matched -> new Progress.Stopped(matched.stop(), matched.text());
        };
    }

    /** The same for an id that no stop string may end with. */
    public Progress.Open pass(int id) {
        var step = detokenizer.accept(id);
        var cleaned = cleaning.accept(step.text());
        var open = scan.pass(cleaned.text());
        return new Progress.Open(new AnswerText(step.next(), cleaned.next(), open.next()), open.text());
    }

    /** What is shown when no id follows. */
    public End end() {
        var cleaned = cleaning.accept(detokenizer.rest());
        return switch (scan.accept(cleaned.text() + cleaned.next().rest())) {
            case StopStrings.Outcome.Open open -> new End(open.text() + open.next().rest(), Optional.empty());
            case StopStrings.Outcome.Matched matched -> new End(matched.text(), Optional.of(matched.stop()));
        };
    }
}
