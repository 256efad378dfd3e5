package sightline.language.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.language.Eventually;
import sightline.language.kv.KvChange;
import sightline.language.model.Course;
import sightline.language.model.DecoderModel;
import sightline.language.model.GoldenCase;
import sightline.language.model.HeadStage;
import sightline.language.model.LayerRange;
import sightline.language.model.RowLayout;
import sightline.language.schedule.SequenceId;
import sightline.model.ModelProblem;
import sightline.torch.Device;
import sightline.torch.Linears;
import sightline.torch.Torch;
import sightline.torch.WeightClass;

/** Stages that are linked by streams, each with an actor of its own. */
class LinkedStagesTest {
    private static final LinkRules PATIENT = new LinkRules(Duration.ofMillis(100), Duration.ofSeconds(30),
            Duration.ofMinutes(1));
    private static final GoldenCase GOLDEN = GoldenCase.open("demo");
    private static final DecoderModel.Options OPTIONS = new DecoderModel.Options(
            Linears.packed(WeightClass.FLOAT32), 64, 2, 2);

    private final Torch torch = Torch.start(Device.cpu(), 2);
    private final BlockingQueue<String> lost = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> leaving = new LinkedBlockingQueue<>();
    private final FarStages far = new FarStages();

    @AfterEach
    void close() {
        far.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void logitsAndFingerprintAreThoseOfTheWhole(int stages) throws ModelProblem {
        var whole = DecoderModel.load(GOLDEN.model(), torch, OPTIONS, _ -> {});
        var expected = Course.run(whole.runner(), GOLDEN);
        var ranges = LayerRange.even(GOLDEN.model().config().text().layers(), stages);
        ranges.subList(1, stages).forEach(range -> far.add(torch, OPTIONS, range, terms(ranges, range), PATIENT));
        var head = HeadStage.load(GOLDEN.model(), torch, OPTIONS, ranges.getFirst(), _ -> {});
        var linked = open(ranges, "head").welcome().join();
        var split = head.link(linked);
        assertThat(split.proof()).isEqualTo(whole.proof());
        Course.requireSame(Course.run(split.runner(), GOLDEN), expected);
        assertThat(linked.over()).isCompletedWithValue("let go");
        assertThat(lost).isEmpty();
    }

    @Test
    void anotherSplitIsRefusedBeforeAnythingIsComputed() {
        var ranges = LayerRange.sized(GOLDEN.model().config().text().layers(), sizes(1));
        var others = LayerRange.sized(GOLDEN.model().config().text().layers(), sizes(2));
        far.add(torch, OPTIONS, ranges.getLast(), terms(ranges, ranges.getLast()), PATIENT);
        assertThatThrownBy(() -> open(others, "head").welcome().join()).isInstanceOf(CompletionException.class)
                .hasMessageContaining("FAILED_PRECONDITION: layers: ")
                .hasMessageContaining("(expected: ");
        assertThat(lost).hasSize(1);
    }

    @Test
    void anotherHeadIsRefusedAsLongAsTheFirstOneLives() {
        var ranges = two();
        far.add(torch, OPTIONS, ranges.getLast(), terms(ranges, ranges.getLast()), PATIENT);
        var first = open(ranges, "head").welcome().join();
        assertThatThrownBy(() -> open(ranges, "impostor").welcome().join())
                .hasMessageContaining("head: impostor (expected: head)");
        first.close();
        Eventually.holds("another head is taken", () -> isTaken(ranges, "another"));
    }

    @Test
    void aHeadThatComesBackEndsItsEarlierLinkAndFindsNothingOfIt() throws Exception {
        var ranges = two();
        far.add(torch, OPTIONS, ranges.getLast(), terms(ranges, ranges.getLast()), PATIENT);
        var head = HeadStage.load(GOLDEN.model(), torch, OPTIONS, ranges.getFirst(), _ -> {});
        var first = open(ranges, "head").welcome().join();
        var model = head.link(first);
        var print = model.proof().fingerprint();
        model.runner().change(new KvChange.Reserve(new SequenceId(1), 8));
        var second = open(ranges, "head").welcome().join();
        assertThat(lost.poll(10, TimeUnit.SECONDS)).contains("linked this stage anew");
        assertThat(head.link(second).proof().fingerprint()).isEqualTo(print);
        Course.run(model.runner(), GOLDEN); // which reserves the same again
    }

    @Test
    void whatIsUnderWayFailsWhenAStageIsLost() throws InterruptedException {
        var ranges = two();
        far.add(torch, OPTIONS, ranges.getLast(), terms(ranges, ranges.getLast()), PATIENT);
        var linked = open(ranges, "head").welcome().join();
        var layout = new RowLayout(List.of(new RowLayout.Token(new SequenceId(9), 0)), List.of());
        far.breakOff();
        assertThat(lost.poll(10, TimeUnit.SECONDS)).startsWith("stage 1: ");
        assertThatThrownBy(() -> linked.forward(layout, false, new byte[rowBytes()]).join())
                .hasMessageContaining("lost");
    }

    @Test
    void aHeadThatAsksForMoreThanThereIsLosesItsLinkAndMayLinkAgain() throws InterruptedException {
        var ranges = two();
        far.add(torch, OPTIONS, ranges.getLast(), terms(ranges, ranges.getLast()), PATIENT);
        var id = new SequenceId(9);
        var endless = new RowLayout.Span(id, 0, Integer.MAX_VALUE, false);
        var demands = List.<Consumer<LinkedStages>>of(
                links -> links.change(new KvChange.Reserve(id, Integer.MAX_VALUE)),
                links -> links.change(new KvChange.Reserve(id, -1)),
                links -> links.forward(new RowLayout(List.of(new RowLayout.Token(id, Integer.MAX_VALUE)), List.of()),
                        false, new byte[rowBytes()]).isDone(),
                links -> links.forward(new RowLayout(List.of(), List.of(endless, endless)), false, new byte[0])
                        .isDone());
        for (var demand : demands) {
            demand.accept(open(ranges, "head").welcome().join());
            assertThat(lost.poll(10, TimeUnit.SECONDS)).startsWith("stage 1: INVALID_ARGUMENT: ")
                    .contains("(expected: ");
        }
        assertThat(open(ranges, "head").welcome().join().proofs()).hasSize(1);
    }

    @Test
    void aStageThatSaysNothingIsLost() throws InterruptedException {
        var ranges = two();
        far.add(torch, OPTIONS, ranges.getLast(), terms(ranges, ranges.getLast()),
                new LinkRules(Duration.ofDays(1), Duration.ofDays(2), Duration.ofMinutes(1)));
        var linked = far.open(peers(ranges, "head"),
                new LinkRules(Duration.ofMillis(50), Duration.ofMillis(300), Duration.ofMinutes(1)),
                rowBytes(), lost::add, leaving::add);
        linked.welcome().join();
        assertThat(lost.poll(20, TimeUnit.SECONDS)).isEqualTo("stage 1: silent for 300 ms");
    }

    @Test
    void aStageThatLivesAndDoesNotAnswerABatchIsLost() throws InterruptedException {
        var ranges = two();
        far.add(torch, OPTIONS, ranges.getLast(), terms(ranges, ranges.getLast()), PATIENT);
        var linked = far.open(peers(ranges, "head"),
                new LinkRules(Duration.ofMillis(50), Duration.ofSeconds(30), Duration.ofMillis(300)),
                rowBytes(), lost::add, leaving::add);
        linked.welcome().join();
        var twoRows = new RowLayout(List.of(new RowLayout.Token(new SequenceId(9), 0),
                new RowLayout.Token(new SequenceId(9), 1)), List.of());
        var answer = linked.forward(twoRows, false, new byte[rowBytes()]); // the stage waits for the other row
        assertThat(lost.poll(20, TimeUnit.SECONDS)).isEqualTo("no answer to a batch for 300 ms");
        assertThatThrownBy(answer::join).hasMessageContaining("no answer to a batch");
    }

    @Test
    void aHeadThatSaysNothingIsGivenUp() {
        var ranges = two();
        far.add(torch, OPTIONS, ranges.getLast(), terms(ranges, ranges.getLast()),
                new LinkRules(Duration.ofMillis(50), Duration.ofMillis(300), Duration.ofMinutes(1)));
        far.open(peers(ranges, "head"), new LinkRules(Duration.ofDays(1), Duration.ofDays(2), Duration.ofMinutes(1)),
                rowBytes(), lost::add,
                leaving::add).welcome().join();
        Eventually.holds("another head is taken", () -> isTaken(ranges, "another"));
    }

    @Test
    void aStageThatIsToldToStopStaysUntilItIsLetGo() throws InterruptedException {
        var ranges = two();
        far.add(torch, OPTIONS, ranges.getLast(), terms(ranges, ranges.getLast()), PATIENT);
        var linked = open(ranges, "head").welcome().join();
        var gone = far.leave();
        assertThat(leaving.poll(10, TimeUnit.SECONDS)).isEqualTo("stage 1 is told to stop");
        assertThat(gone).isNotDone();
        assertThatThrownBy(() -> open(ranges, "head").welcome().join()).hasMessageContaining("going away");
        linked.close();
        assertThat(gone).succeedsWithin(Duration.ofSeconds(10));
    }

    private boolean isTaken(List<LayerRange> ranges, String head) {
        return open(ranges, head).welcome().handle((_, refusal) -> refusal == null).join();
    }

    private LinkedStages open(List<LayerRange> ranges, String head) {
        return far.open(peers(ranges, head), PATIENT, rowBytes(), lost::add, leaving::add);
    }

    private List<sightline.stage.v1.Hello> peers(List<LayerRange> ranges, String head) {
        return ranges.subList(1, ranges.size()).stream().map(range -> terms(ranges, range).hello(head)).toList();
    }

    private LinkTerms terms(List<LayerRange> ranges, LayerRange range) {
        return new LinkTerms("replica", ranges.indexOf(range), ranges.size(), range, GOLDEN.model().digest().hex(),
                "float32", torch.build(), 32, 8);
    }

    private static List<LayerRange> two() {
        return LayerRange.even(GOLDEN.model().config().text().layers(), 2);
    }

    private static List<Integer> sizes(int first) {
        return List.of(first, GOLDEN.model().config().text().layers() - first);
    }

    private static int rowBytes() {
        return GOLDEN.model().config().text().hidden() * 4;
    }
}
