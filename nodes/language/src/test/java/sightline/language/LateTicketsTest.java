package sightline.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.language.RouterStream.Answer;
import sightline.language.TestNode.Options;
import sightline.language.kv.KvShape;
import sightline.language.model.Batch;
import sightline.language.model.GoldenCase;
import sightline.language.model.PromptSpan;
import sightline.stage.v1.Begin;
import sightline.stage.v1.GenerateCommand;
import sightline.stage.v1.GenerateEvent.EventCase;
import sightline.stage.v1.LateTicket;
import sightline.stage.v1.Prefilled;
import sightline.torch.WeightClass;
import sightline.wire.ElementType;
import sightline.wire.Sha256;
import sightline.wire.TensorSpec;

/** Images whose tickets come after Begin: what stands before them is read meanwhile, and nothing else is different. */
class LateTicketsTest {
    private static final int TEXT = 45;
    private static final int IMAGES = 3;
    private static final int TOKENS = 6;
    private static final int TILE = 32;
    private static final int IMAGE_TOKEN = 99;
    private static final ServedShape FAKE = new ServedShape(Sha256.of(new byte[]{1}), FakeRunner.VOCABULARY, 4,
            IMAGE_TOKEN, 20, 400);

    /** The last position that was read of a prompt. */
    private final AtomicInteger read = new AtomicInteger();
    private final FakeRunner runner = new FakeRunner() {
        @Override
        List<float[]> compute(Batch batch) {
            batch.prompts().stream().mapToInt(PromptSpan::to).max().ifPresent(read::set);
            return super.compute(batch);
        }
    };

    @Test
    void wholeTilesBeforeTheFirstMissingRowAreReadWhileItIsEncoded() {
        try (var vision = new ProjectionServer(); var node = fakeNode()) {
            var begin = begin(FAKE, vision);
            var stream = RouterStream.open(node.stub).begin(late(begin, 1, 2));
            Eventually.holds("what stands before the second image is read", () -> read.get() == firstRow(begin, 1));
            stream.nextBeat();
            stream.nextBeat();
            send(stream, begin, 2);
            Eventually.holds("the third one is fetched", () -> vision.fetches.get() == 2);
            stream.nextBeat();
            stream.nextBeat();
            assertThat(read.get()).as("not beyond the second").isEqualTo(firstRow(begin, 1));
            assertThat(stream.kinds).doesNotContain(EventCase.PREFILLED);
            assertThat(node.board.load().getKvBlocksUsed()).as("for the whole prompt")
                    .isGreaterThanOrEqualTo(Math.ceilDiv(begin.getPromptIdsCount(), KvShape.BLOCK_POSITIONS));
            send(stream, begin, 1);
            stream.ended();
            assertThat(read.get()).isEqualTo(begin.getPromptIdsCount());
            Eventually.holds("all is free", node::isIdle);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theAnswerIsThatOfAllTicketsAtOnce(WeightClass weights) {
        var model = new RealModel(GoldenCase.open("demo").model(), weights);
        requireEqualAnswers(model);
    }

    @Test
    void theAnswerOfTwoStagesIsThatOfAllTicketsAtOnce() {
        requireEqualAnswers(new RealModel(GoldenCase.open("demo").model(), WeightClass.BFLOAT16).inStages(2));
    }

    private static void requireEqualAnswers(RealModel model) {
        try (var vision = new ProjectionServer()) {
            var begin = begin(model.served(), vision);
            var whole = new ArrayList<Answer>();
            var told = new ArrayList<Prefilled>();
            try (var node = new TestNode(Options.ORDINARY, model.served(), model::load)) {
                for (int i = 0; i < 2; i++) {
                    var stream = RouterStream.open(node.stub).begin(begin);
                    told.add(stream.next(EventCase.PREFILLED).getPrefilled());
                    whole.add(stream.answer());
                }
            }
            for (var order : List.of(List.of(1, 2), List.of(2, 1)))
                try (var node = new TestNode(Options.ORDINARY, model.served(), model::load)) {
                    for (int i = 0; i < 2; i++) {
                        var stream = RouterStream.open(node.stub).begin(late(begin, 1, 2));
                        stream.nextBeat();
                        stream.nextBeat();
                        order.forEach(image -> send(stream, begin, image));
                        assertThat(stream.next(EventCase.PREFILLED).getPrefilled().getCachedPromptTokens())
                                .isEqualTo(told.get(i).getCachedPromptTokens());
                        assertThat(stream.answer()).isEqualTo(whole.get(i));
                    }
                }
            assertThat(told.getLast().getCachedPromptTokens())
                    .isEqualTo((begin.getPromptIdsCount() - 1) / KvShape.BLOCK_POSITIONS * KvShape.BLOCK_POSITIONS);
        }
    }

    @Test
    void whoWaitsForATicketHoldsNobodyUpAndIsFreeWhenItIsCancelled() {
        try (var vision = new ProjectionServer(); var node = fakeNode()) {
            var begin = begin(FAKE, vision);
            var waiting = RouterStream.open(node.stub).begin(late(begin, 1, 2));
            Eventually.holds("it reads", () -> read.get() == firstRow(begin, 1));
            RouterStream.open(node.stub).begin(new Begins(FAKE).text(3, 2).build()).ended();
            waiting.cancel();
            Eventually.holds("all is free", node::isIdle);
            assertThat(runner.holders).isEmpty();
        }
    }

    @Test
    void theDeadlineHoldsWhileATicketIsAwaited() {
        try (var vision = new ProjectionServer(); var node = fakeNode()) {
            var begin = begin(FAKE, vision);
            var soon = late(begin, 1).toBuilder().setRemainingMillis(300).build();
            assertThat(RouterStream.open(node.stub).begin(soon).refused().getReason()).isEqualTo("DEADLINE");
            Eventually.holds("all is free", node::isIdle);
        }
    }

    @ParameterizedTest
    @MethodSource("bad")
    void aBadTicketEndsTheStream(String field, Consumer<LateTicket.Builder> spoil) {
        try (var vision = new ProjectionServer(); var node = fakeNode()) {
            var begin = begin(FAKE, vision);
            var stream = RouterStream.open(node.stub).begin(late(begin, 1, 2));
            send(stream, begin, 2);
            var ticket = ticket(begin, 1).toBuilder();
            spoil.accept(ticket);
            stream.send(GenerateCommand.newBuilder().setLateTicket(ticket).build());
            var refused = stream.refused();
            assertThat(refused.getReason()).isEqualTo("BAD_FIELD");
            assertThat(refused.getField()).isEqualTo(field);
            Eventually.holds("all is free", node::isIdle);
        }
    }

    static Stream<Arguments> bad() {
        return Stream.of(bad("late_ticket.image", t -> t.setImage(0)), bad("late_ticket.image", t -> t.setImage(2)),
                bad("late_ticket.image", t -> t.setImage(3)), bad("late_ticket.image", t -> t.setImage(-1)),
                bad("late_ticket.ticket.image_key", t -> t.clearTicket()),
                bad("late_ticket.ticket.shape", t -> t.getTicketBuilder().setShape(0, 21)),
                bad("late_ticket.ticket.dtype", t -> t.getTicketBuilder().setDtype("bfloat16")));
    }

    private static Arguments bad(String field, Consumer<LateTicket.Builder> spoil) {
        return arguments(field, spoil);
    }

    @Test
    void oneImageAtLeastBeginsWithItsTicket() {
        try (var vision = new ProjectionServer(); var node = fakeNode()) {
            var refused = RouterStream.open(node.stub).begin(late(begin(FAKE, vision), 0, 1, 2)).refused();
            assertThat(refused.getField()).isEqualTo("images");
            var early = RouterStream.open(node.stub);
            send(early, begin(FAKE, vision), 1);
            assertThat(early.refused().getReason()).isEqualTo("BAD_MESSAGE");
        }
    }

    private TestNode fakeNode() {
        return new TestNode(Options.ORDINARY, FAKE, () -> new Engine(runner, FakeRunner.VOCABULARY, 20));
    }

    /** Three images with text before, between and behind them. */
    private static Begin begin(ServedShape served, ProjectionServer vision) {
        var begins = new Begins(served);
        var ids = new ArrayList<>(begins.randomIds(TEXT, 1));
        var offsets = new ArrayList<Integer>();
        for (int i = 0; i < IMAGES; i++) {
            offsets.add(ids.size());
            ids.addAll(Collections.nCopies(served.tokensPerImage(), served.imageTokenId()));
            ids.addAll(begins.randomIds(TEXT, 2 + i));
        }
        var begin = begins.scored(ids, TOKENS, 0.7, 5);
        var spec = new TensorSpec(List.of((long) served.tokensPerImage(), (long) served.hidden()), ElementType.FLOAT32,
                served.modelDigest());
        for (int i = 0; i < IMAGES; i++) {
            var bytes = projected(spec, i);
            vision.hold(Sha256.of(bytes), spec, bytes);
            begin.addImages(begins.rows(offsets.get(i), begins.ticket(spec, Sha256.of(bytes), vision.endpoint)));
        }
        return begin.build();
    }

    private static ByteBuffer projected(TensorSpec spec, int seed) {
        var random = new Random(seed);
        var bytes = ByteBuffer.allocate(spec.byteLength()).order(ByteOrder.LITTLE_ENDIAN);
        IntStream.range(0, spec.byteLength() / Float.BYTES).forEach(_ -> bytes.putFloat((float) random.nextGaussian()));
        return bytes.flip();
    }

    private static Begin late(Begin begin, int... images) {
        var without = begin.toBuilder();
        for (int image : images)
            without.getImagesBuilder(image).clearTicket();
        return without.build();
    }

    private static LateTicket ticket(Begin begin, int image) {
        return LateTicket.newBuilder().setImage(image).setTicket(begin.getImages(image).getTicket()).build();
    }

    private static void send(RouterStream stream, Begin begin, int image) {
        stream.send(GenerateCommand.newBuilder().setLateTicket(ticket(begin, image)).build());
    }

    /** Where the last whole tile ends before an image. */
    private static int firstRow(Begin begin, int image) {
        return begin.getImages(image).getOffset() / TILE * TILE;
    }
}
