package sightline.deploy.bench;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import sightline.client.Question;
import sightline.v1.GenerateRequest;
import sightline.v1.Stopping;

/**
 * What is asked: the same requests for the same seed.
 *
 * @param pictures taken in turn; none for text alone
 * @param picturesEach how many of them a request has
 * @param maxNewTokens tokens of every answer, or its end before that
 * @param ignoreEos every answer has all of them
 */
public record Workload(List<ByteString> pictures, Range picturesEach, Texts texts, int maxNewTokens,
        boolean ignoreEos, Optional<String> model, long seed) {
    public Workload {
        pictures = List.copyOf(pictures);
    }

    /** The request of this number, from 0. */
    GenerateRequest request(int number) {
        var random = new Random(seed * 1_000_003 + number);
        var text = texts.text(number, random);
        var request = new Question(text, pictures(number, random)).request()
                .setStopping(Stopping.newBuilder().setMaxNewTokens(maxNewTokens).setIgnoreEos(ignoreEos));
        model.ifPresent(request::setModel);
        return request.build();
    }

    private List<ByteString> pictures(int number, Random random) {
        if (pictures.isEmpty())
            return List.of();
        return IntStream.range(0, picturesEach.draw(random))
                .mapToObj(i -> pictures.get((number * picturesEach.most() + i) % pictures.size()))
                .toList();
    }
}
