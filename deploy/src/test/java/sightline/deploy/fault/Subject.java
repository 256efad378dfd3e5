package sightline.deploy.fault;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import sightline.client.Question;
import sightline.deploy.HeldOutSet;
import sightline.v1.GenerateRequest;

/** A request that is asked again and again, and must be answered as it was the first time. */
record Subject(String name, GenerateRequest request) {

    /** Everything that an answer may depend on, with no picture to three. */
    static List<Subject> all() throws IOException {
        var pictures = HeldOutSet.read().items().stream().map(HeldOutSet.Item::picture).distinct().limit(8).toList();
        return new Making(pictures).all();
    }

    /** Makes them of the first pictures of the demo set. */
    private record Making(List<ByteString> pictures) {
        private static final String DESCRIBE = "Describe the picture in one sentence.";
        private static final String COUNT = "How many shapes are there?";
        private static final String WHERE = "Where is the purple star?";

        List<Subject> all() {
            return List.of(subject("greedy", 1, DESCRIBE, 16, _ -> {}),
                    subject("greedy, no picture", 0, COUNT, 12, _ -> {}),
                    subject("greedy, two pictures", 2, DESCRIBE, 12, _ -> {}),
                    subject("greedy, three pictures", 3, COUNT, 12, _ -> {}),
                    subject("greedy, long", 1, "Describe the image.", 24, ask -> ask.getStoppingBuilder()
                            .setIgnoreEos(true)),
                    subject("sampled", 1, DESCRIBE, 16, ask -> ask.getSamplingBuilder().setTemperature(1.5)),
                    subject("sampled, no picture", 0, "What is a circle?", 14,
                            ask -> ask.getSamplingBuilder().setTemperature(1).setTopK(40).setTopP(0.9)),
                    subject("sampled, three pictures", 3, DESCRIBE, 12,
                            ask -> ask.getSamplingBuilder().setTemperature(2).setMinP(0.01)),
                    subject("repetition penalty", 1, DESCRIBE, 14,
                            ask -> ask.getSamplingBuilder().setRepetitionPenalty(1.3)),
                    subject("presence and frequency penalties, sampled", 2, DESCRIBE, 14,
                            ask -> ask.getSamplingBuilder()
                                    .setPresencePenalty(0.8)
                                    .setFrequencyPenalty(0.7)
                                    .setTemperature(0.8)),
                    subject("bias", 0, COUNT, 12, ask -> ask.getSamplingBuilder()
                            .putLogitBias(300, 4)
                            .putLogitBias(301, -5)),
                    subject("stop string", 1, DESCRIBE, 20, ask -> ask.getStoppingBuilder().addStop(" and a")),
                    subject("stop string within a piece, sampled", 1, WHERE, 16,
                            ask -> {
                                ask.getStoppingBuilder().addStop("tto");
                                ask.getSamplingBuilder().setTemperature(0.5);
                            }),
                    subject("choices", 1, COUNT, 40, ask -> ask.getSamplingBuilder()
                            .addAllChoices(List.of("There are two shapes.", "There are five shapes, I think."))),
                    subject("choices, sampled, no picture", 0, COUNT, 40, ask -> ask.getSamplingBuilder()
                            .setTemperature(50)
                            .addAllChoices(List.of("red", "There are no shapes at all.", "a green circle"))),
                    subject("two answers", 1, DESCRIBE, 12,
                            ask -> ask.getSamplingBuilder().setN(2).setTemperature(1.2)),
                    subject("two answers, two pictures, logprobs", 2, COUNT, 8, ask -> {
                        ask.getSamplingBuilder().setN(2).setTemperature(1);
                        ask.getOutputBuilder().setTopLogprobs(2);
                    }),
                    subject("at least so long", 1, "Is there a red cross in the picture?", 12,
                            ask -> ask.getStoppingBuilder().setMinNewTokens(9)),
                    subject("logprobs", 1, WHERE, 12, ask -> ask.getOutputBuilder().setTopLogprobs(5)),
                    subject("logprobs, sampled, no picture", 0, WHERE, 12, ask -> {
                        ask.getSamplingBuilder().setTemperature(1.5);
                        ask.getOutputBuilder().setTopLogprobs(3);
                    }));
        }

        private Subject subject(String name, int count, String text, int tokens,
                Consumer<GenerateRequest.Builder> more) {
            var shown = IntStream.range(0, count).mapToObj(i -> pictures.get((name.length() + i) % pictures.size()));
            var request = new Question(text, shown.toList()).request();
            request.getStoppingBuilder().setMaxNewTokens(tokens);
            request.getSamplingBuilder().setSeed(name.hashCode() & 0xffff);
            more.accept(request);
            return new Subject(name, request.build());
        }
    }
}
