package sightline.deploy.bench;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import sightline.deploy.client.Question;
import sightline.v1.GenerateRequest;
import sightline.v1.Stopping;

/**
 * What is asked: the same requests for the same seed.
 *
 * @param pictures taken in turn, one for each request; none for text alone
 * @param words of a question, from the first number to the second
 * @param maxNewTokens tokens of every answer, or its end before that
 * @param ignoreEos every answer has all of them
 */
public record Workload(List<ByteString> pictures, Words words, int maxNewTokens, boolean ignoreEos,
        Optional<String> model, long seed) {
    private static final List<String> VOCABULARY = List.of("what", "which", "where", "is", "the", "red", "blue",
            "green",
            "large", "small", "square", "circle", "triangle", "picture", "left", "right", "of", "and", "in", "there");

    public Workload {
        pictures = List.copyOf(pictures);
    }

    /** How long a question may be. */
    public record Words(int least, int most) {
        public Words {
            if (least < 1 || most < least)
                throw new IllegalArgumentException("words: " + least + "-" + most + " (expected: 1 <= least <= most)");
        }
    }

    /** The request of this number, from 0. */
    GenerateRequest request(int number) {
        var picture = pictures.isEmpty()
                ? List.<ByteString>of()
                : List.of(pictures.get(number % pictures.size()));
        var request = new Question(text(number), picture).request()
                .setStopping(Stopping.newBuilder().setMaxNewTokens(maxNewTokens).setIgnoreEos(ignoreEos));
        model.ifPresent(request::setModel);
        return request.build();
    }

    private String text(int number) {
        var random = new Random(seed * 1_000_003 + number);
        int count = words.least() + random.nextInt(words.most() - words.least() + 1);
        return IntStream.range(0, count)
                .mapToObj(_ -> VOCABULARY.get(random.nextInt(VOCABULARY.size())))
                .collect(Collectors.joining(" ", "", "?"));
    }
}
