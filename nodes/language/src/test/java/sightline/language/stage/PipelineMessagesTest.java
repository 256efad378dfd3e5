package sightline.language.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.language.kv.KvChange;
import sightline.language.model.LayerRange;
import sightline.language.model.RowLayout;
import sightline.language.model.StageProof;
import sightline.language.model.StageSizes;
import sightline.language.schedule.SequenceId;
import sightline.stage.v1.RowBytes;
import sightline.torch.SelfTest;
import sightline.wire.TensorChunks;

class PipelineMessagesTest {
    private static final SequenceId ID = new SequenceId(-7);
    private static final StageSizes SIZES = new StageSizes(4_096, 1_024, 100);
    private static final StageSizes SMALL = new StageSizes(4_096, 128, 3);

    static Stream<KvChange> changes() {
        return Stream.of(new KvChange.Reserve(ID, 3), new KvChange.Grow(ID, 9), new KvChange.Release(ID),
                new KvChange.Keep(ID, 2, 1L << 40), new KvChange.Recall(ID, List.of(5L, 1L << 40)),
                new KvChange.Recall(ID, List.of()), new KvChange.Drop(12));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void everyChangeArrivesAsItWas(KvChange change) throws BrokenLink {
        assertThat(PipelineMessages.parse(PipelineMessages.of(change), SIZES)).isEqualTo(change);
    }

    @Test
    void whatABatchConsistsOfArrivesAsItWas() throws BrokenLink {
        var layout = new RowLayout(List.of(new RowLayout.Token(ID, 0), new RowLayout.Token(new SequenceId(3), 77)),
                List.of(new RowLayout.Span(ID, 32, 64, false), new RowLayout.Span(ID, 64, 70, true)));
        var message = PipelineMessages.batch(4, layout, true);
        assertThat(PipelineMessages.layout(message, SIZES)).isEqualTo(layout);
        assertThat(message.getNumber()).isEqualTo(4);
        assertThat(message.getJoined()).isTrue();
        assertThat(layout.rows()).isEqualTo(40);
        assertThat(layout.answered()).isEqualTo(3);
    }

    static Stream<Arguments> batchesOutOfBounds() {
        var last = new RowLayout.Token(ID, 127);
        return Stream.of(Arguments.of(List.of(), List.of(), "rows: 0 (expected: 1..192)"),
                Arguments.of(List.of(), List.of(new RowLayout.Span(ID, 32, 31, false)), "to: 31 (expected: 33..128)"),
                Arguments.of(List.of(), List.of(new RowLayout.Span(ID, -1, 31, false)), "from: -1 (expected: 0..127)"),
                Arguments.of(List.of(new RowLayout.Token(ID, 128)), List.of(), "position: 128 (expected: 0..127)"),
                Arguments.of(List.of(), List.of(new RowLayout.Span(ID, 96, 129, true)), "to: 129 (expected: 97..128)"),
                Arguments.of(Collections.nCopies(193, last), List.of(), "rows: 193 (expected: 1..192)"),
                Arguments.of(List.of(last), Collections.nCopies(2, new RowLayout.Span(ID, 0, 128, false)),
                        "rows: 257 (expected: 1..192)"));
    }

    @ParameterizedTest
    @MethodSource("batchesOutOfBounds")
    void aBatchThatTheStageHasNoRoomForIsRefused(List<RowLayout.Token> tokens, List<RowLayout.Span> prompts,
            String why) {
        var message = PipelineMessages.batch(0, new RowLayout(tokens, prompts), true);
        assertThatThrownBy(() -> PipelineMessages.layout(message, SMALL)).isInstanceOf(BrokenLink.class)
                .hasMessage(why);
    }

    static Stream<KvChange> changesOutOfBounds() {
        return Stream.of(new KvChange.Reserve(ID, 4), new KvChange.Reserve(ID, -1), new KvChange.Grow(ID, 4),
                new KvChange.Grow(ID, Integer.MAX_VALUE), new KvChange.Keep(ID, 3, 1), new KvChange.Keep(ID, -1, 1),
                new KvChange.Recall(ID, List.of(1L, 2L, 3L, 4L)));
    }

    @ParameterizedTest
    @MethodSource("changesOutOfBounds")
    void aChangeThatTheStageHasNoRoomForIsRefused(KvChange change) {
        assertThatThrownBy(() -> PipelineMessages.parse(PipelineMessages.of(change), SMALL))
                .isInstanceOf(BrokenLink.class)
                .hasMessageContaining("(expected: ");
    }

    @Test
    void whatAStageFoundOutArrivesWithItsNumber() throws BrokenLink {
        var proof = new StageProof(new SelfTest.Result(true, false, List.of("linear: joining 2")), 77);
        assertThat(PipelineMessages.proof(2, PipelineMessages.welcome(proof)))
                .isEqualTo(new StageProof(new SelfTest.Result(true, false, List.of("stage 2: linear: joining 2")), 77));
    }

    @Test
    void everythingInWhichAHeadMeansAnotherStageIsNamed() {
        var own = new LinkTerms("big", 1, 2, new LayerRange(3, 6, 6), "a", "int8", "build", 32, 8);
        assertThat(own.differences(own.hello("head"))).isEmpty();
        var other = new LinkTerms("large", 1, 3, new LayerRange(2, 4, 6), "b", "bfloat16", "another", 64, 8);
        assertThat(own.differences(other.hello("head"))).containsExactly("replica: large (expected: big)",
                "stage: 1/3 (expected: 1/2)", "model digest: b (expected: a)", "dtype: bfloat16 (expected: int8)",
                "layers: 2..3 (expected: 3..5)", "LibTorch: another (expected: build)",
                "tiles: 64 and 8 (expected: 32 and 8)");
    }

    @Test
    void rowsArriveWholeHoweverManyChunksTheyTake() throws BrokenLink {
        for (int size : new int[]{0, 1, TensorChunks.CHUNK_BYTES, 3 * TensorChunks.CHUNK_BYTES + 17}) {
            var rows = bytes(size);
            var assembler = new RowAssembler(5, size);
            assertThat(assembler.isWhole()).isFalse();
            for (var chunk : RowChunks.split(5, rows)) {
                assembler.accept(chunk);
            }
            assertThat(assembler.isWhole()).isTrue();
            assertThat(assembler.rows()).isEqualTo(rows);
        }
    }

    @Test
    void rowsThatAreNotThoseExpectedAreRefused() {
        var chunk = RowChunks.split(5, bytes(100)).getFirst();
        assertRefused(chunk.toBuilder().setBatch(6).build(), 100, "batch: 6 (expected: 5)");
        assertRefused(chunk.toBuilder().setOffset(4).build(), 100, "offset: 4 (expected: 0)");
        assertRefused(chunk.toBuilder().setCrc32C(chunk.getCrc32C() ^ 1).build(), 100, "crc32c");
        assertRefused(chunk, 99, "rows: 100 bytes (expected: 99)");
    }

    private static void assertRefused(RowBytes chunk, int expectedBytes, String inMessage) {
        assertThatThrownBy(() -> new RowAssembler(5, expectedBytes).accept(chunk)).isInstanceOf(BrokenLink.class)
                .hasMessageContaining(inMessage);
    }

    private static byte[] bytes(int size) {
        var bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
