package sightline.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.language.RouterStream.Answer;
import sightline.language.TestNode.Options;
import sightline.language.model.GoldenCase;
import sightline.stage.v1.Begin;
import sightline.torch.Kernels;
import sightline.torch.WeightClass;

/** A request's tokens and log probabilities have the same bits however its prompt was read, and how often. */
class ReuseInvarianceTest {
    private static final int TOKENS = 20;
    private static final int BEGINNING = 150; // two whole KV blocks, and a part of the third
    private static final double WARM = 0.9;

    /** All there are: INT8 has no plain kernels. */
    static Stream<Arguments> kinds() {
        var packed = Stream.of(WeightClass.values()).map(weights -> Arguments.of(weights, Kernels.PACKED));
        return Stream.concat(packed, Stream.of(Arguments.of(WeightClass.FLOAT32, Kernels.PLAIN),
                Arguments.of(WeightClass.BFLOAT16, Kernels.PLAIN)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aPromptThatBeginsLikeAnEarlierOneIsAnsweredAlike(WeightClass weights, Kernels kernels) {
        var model = new RealModel(GoldenCase.open("demo").model(), weights, kernels);
        var begins = new Begins(model.served());
        var request = begins.scored(question(begins, 2), TOKENS, WARM, 7).build();
        Answer cold;
        try (var node = new TestNode(Options.ORDINARY, model.served(), model::load)) {
            cold = answer(node, request);
        }
        try (var node = new TestNode(Options.ORDINARY, model.served(), model::load)) {
            answer(node, begins.scored(question(begins, 1), TOKENS, 0, 0).build());
            assertThat(answer(node, request)).isEqualTo(cold);
            assertThat(node.metric("prefix_hit_tokens_total")).isEqualTo(128);
            assertThat(answer(node, request)).as("again").isEqualTo(cold);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aSecondQuestionAboutAPictureNeedsItNoMore(WeightClass weights, Kernels kernels) {
        var golden = GoldenCase.open("demo");
        var model = new RealModel(golden.model(), weights, kernels);
        try (var vision = new ProjectionServer();
                var node = new TestNode(Options.ORDINARY, model.served(), model::load)) {
            var request = GoldenServiceTest.begin(golden, 0, vision, TOKENS)
                    .addAllPromptIds(new Begins(model.served()).randomIds(100, 1))
                    .setTopLogprobs(5)
                    .build();
            var first = answer(node, request);
            int fetches = vision.fetches.get();
            assertThat(fetches).isPositive();
            assertThat(answer(node, request)).isEqualTo(first);
            assertThat(vision.fetches.get()).isEqualTo(fetches);
            assertThat(node.metric("prefix_hit_tokens_total")).isEqualTo(128);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aSequenceThatGaveItsBlocksBackGoesOnAlike(WeightClass weights, Kernels kernels) {
        var directory = GoldenCase.open("demo").model();
        var roomy = new RealModel(directory, weights, kernels);
        var begins = new Begins(roomy.served());
        var requests = List.of(begins.scored(begins.randomIds(90, 1), 200, 0, 0).build(),
                begins.scored(begins.randomIds(100, 2), 200, WARM, 3).build(),
                begins.scored(begins.randomIds(70, 3), 200, 0, 0).build());
        var alone = new ArrayList<Answer>();
        try (var node = new TestNode(Options.ORDINARY, roomy.served(), roomy::load)) {
            requests.forEach(request -> alone.add(answer(node, request)));
        }
        var tight = new RealModel(directory, weights, kernels, 9);
        try (var node = new TestNode(Options.ORDINARY, roomy.served(), tight::load)) {
            var streams = requests.stream().map(request -> RouterStream.open(node.stub).begin(request)).toList();
            for (int i = 0; i < streams.size(); i++)
                assertThat(streams.get(i).answer()).as("request %s", i).isEqualTo(alone.get(i));
            assertThat(node.metric("preemptions_total")).isPositive();
            Eventually.holds("all is free", node::isIdle);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void anAnswerThatWasBegunElsewhereGoesOnAlike(WeightClass weights, Kernels kernels) {
        var model = new RealModel(GoldenCase.open("demo").model(), weights, kernels);
        var begins = new Begins(model.served());
        var request = begins.scored(begins.randomIds(90, 1), TOKENS, WARM, 3).setChoice(2).setEpoch(1);
        request.getSamplingBuilder().setRepetitionPenalty(1.3).setPresencePenalty(0.5);
        try (var node = new TestNode(Options.ORDINARY, model.served(), model::load)) {
            var whole = answer(node, request.build());
            for (int there = 1; there < TOKENS; there++) {
                var resumed = request.clone().addAllAnswerIds(whole.ids().subList(0, there)).build();
                assertThat(answer(node, resumed)).as("behind %s", there)
                        .isEqualTo(new Answer(whole.ids().subList(there, TOKENS),
                                whole.scores().subList(there, TOKENS)));
            }
            var tampered = request.clone().addAnswerIds(whole.ids().getFirst() ^ 1).build();
            assertThat(RouterStream.open(node.stub).begin(tampered).refused().getReason()).isEqualTo("DIVERGED");
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void theNumberOfTilesInAStepDoesNotMatter(WeightClass weights, Kernels kernels) {
        var model = new RealModel(GoldenCase.open("demo").model(), weights, kernels);
        var begins = new Begins(model.served());
        var request = begins.scored(begins.randomIds(230, 5), TOKENS, WARM, 9).build();
        var answers = new ArrayList<Answer>();
        for (int tiles : new int[]{1, 2, 3, 8})
            try (var node = new TestNode(Options.ORDINARY.withTiles(tiles), model.served(), model::load)) {
                answers.add(answer(node, request));
            }
        assertThat(answers).containsOnly(answers.getFirst());
    }

    /** A beginning that is the same for all, and an end of its own. */
    private static List<Integer> question(Begins begins, int number) {
        var ids = new ArrayList<>(begins.randomIds(BEGINNING, 100));
        ids.addAll(begins.randomIds(30, number));
        return ids;
    }

    private static Answer answer(TestNode node, Begin request) {
        return RouterStream.open(node.stub).begin(request).answer();
    }
}
