package sightline.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import sightline.stage.v1.EndReason;
import sightline.stage.v1.GenerateEvent.EventCase;
import sightline.wire.Sha256;

/** Answers that were begun on another node, and the suspects among them; the model costs nothing. */
class ContinuedAnswerTest {
    private static final ServedShape SERVED = new ServedShape(Sha256.of(new byte[]{1}), FakeRunner.VOCABULARY, 4, 99,
            2, 1_000);
    private static final Begins BEGINS = new Begins(SERVED);
    private static final int BLOCKS = 40;

    @Test
    void tokensCarryTheNumbersOfTheirAnswerAndGoOnBehindThoseThatWereThere() {
        try (var node = node()) {
            var stream = RouterStream.open(node.stub)
                    .begin(BEGINS.text(3, 5).setChoice(3).setEpoch(2).addAllAnswerIds(answer(node, 2)).build());
            var tokens = stream.next(EventCase.TOKENS).getTokens();
            assertThat(tokens.getChoice()).isEqualTo(3);
            assertThat(tokens.getEpoch()).isEqualTo(2);
            assertThat(tokens.getIndex()).isEqualTo(2);
            var ended = stream.ended();
            assertThat(ended.getChoice()).isEqualTo(3);
            assertThat(stream.ids).isEqualTo(answer(node, 5).subList(2, 5));
        }
    }

    @Test
    void suspectsWaitForTheirTurnOneAfterTheOther() {
        try (var node = node()) {
            var suspect = BEGINS.text(3, 5).setSuspect(true).build();
            var first = RouterStream.open(node.stub).begin(suspect);
            first.next(EventCase.TURN);
            var second = RouterStream.open(node.stub).begin(suspect);
            Eventually.holds("both wait", () -> node.board.load().getWaiting() == 2);
            assertThat(node.board.beat().getSteps()).isZero();
            RouterStream.open(node.stub).begin(BEGINS.text(3, 5).build()).ended();
            first.takeTurn();
            assertThat(first.ended().getReason()).isEqualTo(EndReason.END_REASON_LENGTH);
            second.next(EventCase.TURN);
            second.takeTurn();
            second.ended();
        }
    }

    @Test
    void aSuspectThatIsGivenUpLeavesItsTurnToTheNext() {
        try (var node = node()) {
            var suspect = BEGINS.text(3, 5).setSuspect(true).build();
            var first = RouterStream.open(node.stub).begin(suspect);
            first.next(EventCase.TURN);
            var second = RouterStream.open(node.stub).begin(suspect);
            first.cancel();
            second.next(EventCase.TURN);
        }
    }

    private static List<Integer> answer(TestNode node, int tokens) {
        var stream = RouterStream.open(node.stub).begin(BEGINS.text(3, tokens).build());
        stream.ended();
        return stream.ids;
    }

    private static TestNode node() {
        return new TestNode(TestNode.Options.ORDINARY, SERVED,
                () -> new Engine(new FakeRunner(), FakeRunner.VOCABULARY, BLOCKS));
    }
}
