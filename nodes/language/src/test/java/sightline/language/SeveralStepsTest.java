package sightline.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import sightline.language.model.Batch;
import sightline.runtime.Places;
import sightline.wire.Sha256;

/** A node whose model has several batches under way. */
class SeveralStepsTest {
    private static final ServedShape SERVED = new ServedShape(Sha256.of(new byte[]{1}), FakeRunner.VOCABULARY, 4, 99,
            2, 1_000);
    private static final Begins BEGINS = new Begins(SERVED);
    private static final int LONG_PROMPT = 400;

    private final HeldRunner runner = new HeldRunner();

    @Test
    void asManyAsTheModelTakesAreUnderWayAndEveryAnswerIsWhole() {
        try (var node = node()) {
            var first = RouterStream.open(node.stub).begin(BEGINS.text(LONG_PROMPT, 20).build());
            Eventually.holds("three steps are under way", () -> runner.underWay.get() == 3);
            var second = RouterStream.open(node.stub).begin(BEGINS.text(3, 30).build());
            var third = RouterStream.open(node.stub).begin(BEGINS.text(70, 25).build());
            runner.gate.complete(true);
            first.ended();
            second.ended();
            third.ended();
            assertThat(List.of(first.ids.size(), second.ids.size(), third.ids.size())).containsExactly(20, 30, 25);
            assertThat(runner.most.get()).isEqualTo(3);
            Eventually.holds("all is free", node::isIdle);
            assertThat(runner.holders).isEmpty();
        }
    }

    @Test
    void whoIsCancelledMeanwhileIsFreeAtOnceAndItsResultsAreDropped() {
        try (var node = node()) {
            var cancelled = RouterStream.open(node.stub).begin(BEGINS.text(100, 20).build());
            Eventually.holds("its whole prompt is under way", () -> runner.underWay.get() == 2);
            cancelled.cancel();
            Eventually.holds("it is gone", node::isIdle);
            assertThat(runner.underWay.get()).isEqualTo(2);
            runner.gate.complete(true);
            var next = RouterStream.open(node.stub).begin(BEGINS.text(3, 5).build());
            next.ended();
            assertThat(next.ids).hasSize(5);
            assertThat(cancelled.ids).isEmpty();
            assertThat(node.metric("late_results_total")).isEqualTo(1);
        }
    }

    @Test
    void aStepOfEarlierLinksThatIsReadyLateIsNoneOfThoseUnderWay() {
        var earlier = new StepRunner(new FakeRunner(), FakeRunner.VOCABULARY, new Generations(new Places(1)));
        runner.gate.complete(true);
        try (var node = node()) {
            node.model.tell(new LanguageModel.StepReady(earlier));
            var next = RouterStream.open(node.stub).begin(BEGINS.text(3, 5).build());
            next.ended();
            assertThat(next.ids).hasSize(5);
        }
    }

    private TestNode node() {
        return new TestNode(TestNode.Options.ORDINARY, SERVED, () -> new Engine(runner, FakeRunner.VOCABULARY, 40));
    }

    /** No batch is ready before the gate is open. */
    private static final class HeldRunner extends FakeRunner {
        final CompletableFuture<Boolean> gate = new CompletableFuture<>();
        final AtomicInteger underWay = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();

        @Override
        public int depth() {
            return 3;
        }

        @Override
        public void start(Batch batch, Runnable ready) {
            super.start(batch, () -> {
                var _ = gate.thenRunAsync(ready);
            });
            most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
        }

        @Override
        public List<float[]> finish() {
            underWay.decrementAndGet();
            return super.finish();
        }
    }
}
