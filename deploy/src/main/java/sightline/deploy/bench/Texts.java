package sightline.deploy.bench;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The texts of the questions; the same for the same number and chance. */
public sealed interface Texts {
    /** The text of the request of this number, from 0. */
    String text(int number, Random random);

    /** Common words by chance, so many of them. */
    record MadeUp(Range words) implements Texts {
        private static final List<String> VOCABULARY = List.of("what", "which", "where", "is", "the", "red", "blue",
                "green", "large", "small", "square", "circle", "triangle", "picture", "left", "right", "of", "and",
                "in",
                "there");

        public MadeUp {
            if (words.least() < 1)
                throw new IllegalArgumentException("words: " + words.least() + " (expected: >= 1)");
        }

        @Override
        public String text(int number, Random random) {
            return IntStream.range(0, words.draw(random))
                    .mapToObj(_ -> VOCABULARY.get(random.nextInt(VOCABULARY.size())))
                    .collect(Collectors.joining(" ", "", "?"));
        }
    }

    /** Given ones, in turn. */
    record Given(List<String> texts) implements Texts {
        public Given {
            texts = List.copyOf(texts);
            if (texts.isEmpty())
                throw new IllegalArgumentException("questions: none (expected: at least one line)");
        }

        @Override
        public String text(int number, Random random) {
            return texts.get(number % texts.size());
        }
    }
}
