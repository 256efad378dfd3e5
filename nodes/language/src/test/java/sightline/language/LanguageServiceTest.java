package sightline.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import sightline.language.model.Batch;
import sightline.language.model.ImageRows;
import sightline.language.schedule.SequenceId;
import sightline.stage.v1.Begin;
import sightline.stage.v1.Choice;
import sightline.stage.v1.EndReason;
import sightline.stage.v1.GenerateEvent.EventCase;
import sightline.wire.ElementType;
import sightline.wire.Sha256;
import sightline.wire.StatusMapping;

/** What a router sees of a node, over gRPC, whose model costs nothing. */
class LanguageServiceTest {
    private static final ServedShape SERVED = new ServedShape(Sha256.of(new byte[]{1}), FakeRunner.VOCABULARY, 4, 99,
            2, 1_000);
    private static final Begins BEGINS = new Begins(SERVED);
    private static final int BLOCKS = 40;

    private final FakeRunner runner = new FakeRunner();

    @Test
    void tokensComeInOrderAndThenTheEnd() {
        try (var node = node(TestNode.Options.ORDINARY, runner)) {
            var stream = RouterStream.open(node.stub).begin(BEGINS.text(70, 5).setEpoch(3).build());
            var ended = stream.ended();
            assertThat(ended.getReason()).isEqualTo(EndReason.END_REASON_LENGTH);
            assertThat(ended.getEpoch()).isEqualTo(3);
            assertThat(stream.ids).containsExactly(0, 0, 0, 0, 0);
            assertThat(stream.kinds.stream().filter(kind -> kind != EventCase.BEAT).toList())
                    .startsWith(EventCase.PREFILLED, EventCase.TOKENS)
                    .endsWith(EventCase.TOKENS, EventCase.ENDED);
            assertThat(stream.closed).succeedsWithin(Duration.ofSeconds(10));
            assertThat(runner.holders).isEmpty();
        }
    }

    @Test
    void anEndTokenEndsTheAnswerAndIsSent() {
        try (var node = node(TestNode.Options.ORDINARY, runner)) {
            var begin = BEGINS.text(3, 5);
            begin.getStoppingBuilder().addEndIds(0);
            var stream = RouterStream.open(node.stub).begin(begin.build());
            assertThat(stream.ended()).satisfies(ended -> {
                assertThat(ended.getReason()).isEqualTo(EndReason.END_REASON_TOKEN);
                assertThat(ended.getEndId()).isZero();
            });
            assertThat(stream.ids).containsExactly(0);
        }
    }

    @Test
    void anAnswerIsOneOfItsChoices() {
        try (var node = node(TestNode.Options.ORDINARY, runner)) {
            var begin = BEGINS.text(3, 5);
            begin.getStoppingBuilder().addEndIds(9);
            for (var ids : List.of(List.of(7, 5), List.of(7, 3), List.of(7, 3, 8))) {
                begin.getSamplingBuilder().addChoices(Choice.newBuilder().addAllIds(ids));
            }
            var nested = RouterStream.open(node.stub).begin(begin.build());
            assertThat(nested.ended().getReason()).isEqualTo(EndReason.END_REASON_CHOICE);
            assertThat(nested.ids).as("of equal logits the smallest id").containsExactly(7, 3, 8);
            begin.getSamplingBuilder().putLogitBias(9, 1);
            var ended = RouterStream.open(node.stub).begin(begin.build());
            assertThat(ended.ended().getReason()).isEqualTo(EndReason.END_REASON_TOKEN);
            assertThat(ended.ids).containsExactly(7, 3, 9);
        }
    }

    @Test
    void endTokensAreNotGeneratedBeforeTheLeastLength() {
        try (var node = node(TestNode.Options.ORDINARY, runner)) {
            var begin = BEGINS.text(3, 5).setTopLogprobs(1);
            begin.getStoppingBuilder().addEndIds(0).addEndIds(1).setMinNewTokens(3);
            var stream = RouterStream.open(node.stub).begin(begin.build());
            assertThat(stream.ended().getEndId()).isZero();
            assertThat(stream.ids).containsExactly(2, 2, 2, 0);
        }
    }

    @Test
    void aCancelledCallIsFreeBeforeTheNextStep() {
        var gated = new GatedRunner();
        try (var node = node(TestNode.Options.ORDINARY, gated)) {
            var stream = RouterStream.open(node.stub).begin(BEGINS.text(3, 500).build());
            gated.gate.release();
            Eventually.holds("the second decode has begun", () -> gated.begun.get() == 2);
            stream.cancel();
            gated.gate.release(1_000);
            Eventually.holds("all is free", node::isIdle);
            assertThat(gated.begun.get()).isEqualTo(2);
            assertThat(gated.holders).isEmpty();
            assertThat(node.metric("cancelled_total")).isEqualTo(1);
        }
    }

    @Test
    void withoutCreditASequenceIsParkedAndCreditWakesIt() {
        try (var node = node(TestNode.Options.ORDINARY, runner)) {
            var stream = RouterStream.open(node.stub).begin(BEGINS.text(3, 10).setCredit(3).build());
            stream.awaitTokens(3);
            Eventually.holds("the third step is over", () -> node.board.beat().getSteps() == 3);
            Eventually.holds("a beat tells so", () -> stream.nextBeat().getSteps() == 3);
            assertThat(stream.nextBeat().getSteps()).isEqualTo(3);
            assertThat(stream.ids).hasSize(3);
            stream.credit(2);
            stream.awaitTokens(5);
            stream.credit(100);
            stream.ended();
            assertThat(stream.ids).hasSize(10);
        }
    }

    @Test
    void aRouterThatGivesNoCreditIsASlowClient() {
        try (var node = node(TestNode.Options.ORDINARY.withCreditTimeout(Duration.ofMillis(200)), runner)) {
            var stream = RouterStream.open(node.stub).begin(BEGINS.text(3, 10).setCredit(1).build());
            assertThat(stream.refused().getReason()).isEqualTo("SLOW_CLIENT");
            assertThat(runner.holders).isEmpty();
        }
    }

    @Test
    void aSilentRouterIsGivenUpAndOneThatBeatsIsNot() throws Exception {
        try (var node = node(TestNode.Options.ORDINARY, runner)) {
            var silent = RouterStream.open(node.stub).begin(BEGINS.text(3, 900).setCredit(1).build());
            var alive = RouterStream.open(node.stub).begin(BEGINS.text(3, 900).setCredit(1).build());
            silent.awaitTokens(1);
            alive.awaitTokens(1);
            node.beatClockNanos.set(TestNode.SILENCE.toNanos() / 2);
            alive.beat();
            node.beatClockNanos.set(TestNode.SILENCE.toNanos());
            assertThat(StatusMapping.read(silent.error()).orElseThrow().status()).isEqualTo("CANCELLED");
            Eventually.holds("the silent one is freed", () -> runner.holders.size() == 1);
            alive.credit(5);
            alive.awaitTokens(6);
        }
    }

    @Test
    void heartsBeatWhileAStepTakesLong() {
        var gated = new GatedRunner();
        try (var node = node(TestNode.Options.ORDINARY, gated)) {
            var stream = RouterStream.open(node.stub).begin(BEGINS.text(3, 3).build());
            Eventually.holds("the first decode hangs", () -> gated.begun.get() == 1);
            for (int i = 0; i < 3; i++) {
                assertThat(stream.nextBeat().getSteps()).isLessThanOrEqualTo(1);
            }
            gated.gate.release(10);
            stream.ended();
            Eventually.holds("steps are counted", () -> node.board.beat().getSteps() == 3);
        }
    }

    @Test
    void aFullNodeSaysWhenToComeBack() {
        try (var node = node(TestNode.Options.ORDINARY.withPlaces(1, 1), runner)) {
            var first = RouterStream.open(node.stub).begin(BEGINS.text(3, 9).setCredit(1).build());
            var second = RouterStream.open(node.stub).begin(BEGINS.text(3, 9).build());
            Eventually.holds("one waits", () -> node.board.load().getWaiting() == 1);
            var refused = RouterStream.open(node.stub).begin(BEGINS.text(3, 9).build()).refused();
            assertThat(refused.getReason()).isEqualTo("OVERLOADED");
            assertThat(refused.getRetryAfterMillis()).isEqualTo(1_000);
            first.cancel();
            second.ended();
        }
    }

    @Test
    void aFullNodeRefusesTheLastOfTheTenantThatTakesMostPlaces() {
        try (var node = node(TestNode.Options.ORDINARY.withPlaces(1, 2), runner)) {
            var first = RouterStream.open(node.stub).begin(BEGINS.text(3, 9).setTenant("a").setCredit(1).build());
            var second = RouterStream.open(node.stub).begin(BEGINS.text(3, 9).setTenant("a").build());
            Eventually.holds("one waits", () -> node.board.load().getWaiting() == 1);
            var third = RouterStream.open(node.stub).begin(BEGINS.text(3, 9).setTenant("a").build());
            Eventually.holds("two wait", () -> node.board.load().getWaiting() == 2);
            var other = RouterStream.open(node.stub).begin(BEGINS.text(3, 9).setTenant("b").build());
            assertThat(third.refused().getReason()).isEqualTo("OVERLOADED");
            first.cancel();
            second.ended();
            other.ended();
        }
    }

    @Test
    void aDeadlineEndsARunningAnswer() {
        try (var node = node(TestNode.Options.ORDINARY.withDelayStep(Duration.ofMillis(20)), runner)) {
            var begin = BEGINS.text(3, 900).setRemainingMillis(300).build();
            assertThat(RouterStream.open(node.stub).begin(begin).refused().getReason()).isEqualTo("DEADLINE");
            assertThat(runner.holders).isEmpty();
        }
    }

    @Test
    void logitsThatAreNoNumbersEndOneRequestOnly() {
        var broken = new FakeRunner() {
            @Override
            List<float[]> compute(Batch batch) {
                var logits = super.compute(batch);
                if (batch.tokens().size() == 2) {
                    logits.getFirst()[5] = Float.NaN;
                }
                return logits;
            }
        };
        try (var node = node(TestNode.Options.ORDINARY.withDelayStep(Duration.ofMillis(20)), broken)) {
            var first = RouterStream.open(node.stub).begin(BEGINS.text(3, 900).setRequestId("first").build());
            first.awaitTokens(1);
            var second = RouterStream.open(node.stub).begin(BEGINS.text(3, 900).build());
            assertThat(first.refused()).satisfies(refused -> {
                assertThat(refused.getReason()).isEqualTo("BUG");
                assertThat(refused.getMessage()).contains("first");
            });
            second.awaitTokens(second.ids.size() + 3);
            assertThat(broken.holders).hasSize(1);
        }
    }

    @Test
    void aStoppingNodeRefusesWhatRunsAndFreesTheModel() {
        try (var node = node(TestNode.Options.ORDINARY, runner)) {
            var stream = RouterStream.open(node.stub).begin(BEGINS.text(3, 900).setCredit(1).build());
            stream.awaitTokens(1);
            node.model.tell(new LanguageModel.Stop());
            assertThat(stream.refused().getReason()).isEqualTo("DRAINING");
            assertThat(node.stopped).succeedsWithin(Duration.ofSeconds(10));
            assertThat(runner.closed).isTrue();
        }
    }

    @Test
    void aBrokenModelEndsEveryRequestAndSaysSo() {
        var broken = new FakeRunner() {
            @Override
            List<float[]> compute(Batch batch) {
                throw new IllegalStateException("broken on purpose");
            }
        };
        try (var node = node(TestNode.Options.ORDINARY, broken)) {
            var stream = RouterStream.open(node.stub).begin(BEGINS.text(3, 900).build());
            assertThat(stream.refused().getReason()).isEqualTo("BUG");
            assertThat(node.stopped).failsWithin(Duration.ofSeconds(10));
            assertThat(RouterStream.open(node.stub).begin(BEGINS.text(3, 2).build()).refused().getReason())
                    .isEqualTo("DRAINING");
        }
    }

    @Test
    void resultsForARequestThatHasGoneAreDroppedAndCounted() {
        try (var node = node(TestNode.Options.ORDINARY, runner)) {
            var rows = new ImageRows(0, 1, ElementType.FLOAT32, ByteBuffer.allocate(4));
            node.model.tell(new LanguageModel.Fetched(new SequenceId(77), 0, rows));
            node.model.tell(new LanguageModel.CreditCame(new SequenceId(77)));
            Eventually.holds("it is counted", () -> node.metric("late_results_total") == 1);
            RouterStream.open(node.stub).begin(BEGINS.text(3, 2).build()).ended();
        }
    }

    @Test
    void aSecondBeginEndsTheStream() {
        try (var node = node(TestNode.Options.ORDINARY, runner)) {
            Begin begin = BEGINS.text(3, 900).setCredit(1).build();
            var stream = RouterStream.open(node.stub).begin(begin).begin(begin);
            assertThat(stream.refused().getReason()).isEqualTo("BAD_MESSAGE");
            Eventually.holds("all is free", () -> runner.holders.isEmpty());
        }
    }

    private static TestNode node(TestNode.Options options, FakeRunner runner) {
        return new TestNode(options, SERVED, () -> new Engine(runner, FakeRunner.VOCABULARY, BLOCKS));
    }

    /** Every decode needs a permit. */
    private static final class GatedRunner extends FakeRunner {
        final Semaphore gate = new Semaphore(0);
        final AtomicInteger begun = new AtomicInteger();

        @Override
        List<float[]> compute(Batch batch) {
            if (!batch.tokens().isEmpty()) {
                begun.incrementAndGet();
                gate.acquireUninterruptibly();
            }
            return super.compute(batch);
        }
    }
}
