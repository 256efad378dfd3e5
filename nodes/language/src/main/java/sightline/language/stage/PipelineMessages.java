package sightline.language.stage;

import java.util.List;
import java.util.stream.IntStream;
import sightline.language.kv.KvChange;
import sightline.language.model.RowLayout;
import sightline.language.model.StageProof;
import sightline.language.schedule.SequenceId;
import sightline.stage.v1.KvArea;
import sightline.stage.v1.KvBlock;
import sightline.stage.v1.KvRecall;
import sightline.stage.v1.PromptRows;
import sightline.stage.v1.StageBatch;
import sightline.stage.v1.TokenRow;
import sightline.stage.v1.Welcome;
import sightline.torch.SelfTest;

/** What a head and its stages tell one another, as messages and as what they mean. */
final class PipelineMessages {
    private PipelineMessages() {}

    static sightline.stage.v1.KvChange of(KvChange change) {
        var message = sightline.stage.v1.KvChange.newBuilder();
        switch (change) {
            case KvChange.Reserve(var id, var blocks) -> message.setReserve(area(id, blocks));
            case KvChange.Grow(var id, var blocks) -> message.setGrow(area(id, blocks));
            case KvChange.Release(var id) -> message.setRelease(id.value());
            case KvChange.Keep(var id, var index, var number) -> message
                    .setKeep(KvBlock.newBuilder().setSequence(id.value()).setIndex(index).setNumber(number));
            case KvChange.Recall(var id, var numbers) ->
                    message.setRecall(KvRecall.newBuilder().setSequence(id.value()).addAllNumbers(numbers));
            case KvChange.Drop(var number) -> message.setDrop(number);
        }
        return message.build();
    }

    static KvChange parse(sightline.stage.v1.KvChange message) throws BrokenLink {
        return switch (message.getChangeCase()) {
            case RESERVE -> new KvChange.Reserve(new SequenceId(message.getReserve().getSequence()),
                    message.getReserve().getBlocks());
            case GROW -> new KvChange.Grow(new SequenceId(message.getGrow().getSequence()),
                    message.getGrow().getBlocks());
            case RELEASE -> new KvChange.Release(new SequenceId(message.getRelease()));
            case KEEP -> new KvChange.Keep(new SequenceId(message.getKeep().getSequence()),
                    message.getKeep().getIndex(), message.getKeep().getNumber());
            case RECALL -> new KvChange.Recall(new SequenceId(message.getRecall().getSequence()),
                    message.getRecall().getNumbersList());
            case DROP -> new KvChange.Drop(message.getDrop());
            case CHANGE_NOT_SET -> throw new BrokenLink("change: none (expected: one)");
        };
    }

    static StageBatch batch(long number, RowLayout layout, boolean joined) {
        var message = StageBatch.newBuilder().setNumber(number).setJoined(joined);
        layout.tokens()
                .forEach(row -> message.addTokens(
                        TokenRow.newBuilder().setSequence(row.id().value()).setPosition(row.position())));
        layout.prompts()
                .forEach(span -> message.addPrompts(PromptRows.newBuilder()
                        .setSequence(span.id().value())
                        .setFrom(span.from())
                        .setTo(span.to())
                        .setAnswered(span.answered())));
        return message.build();
    }

    static RowLayout layout(StageBatch batch) throws BrokenLink {
        var layout = new RowLayout(
                batch.getTokensList()
                        .stream()
                        .map(row -> new RowLayout.Token(new SequenceId(row.getSequence()), row.getPosition()))
                        .toList(),
                batch.getPromptsList().stream().map(PipelineMessages::span).toList());
        boolean sound = IntStream
                .concat(layout.tokens().stream().mapToInt(RowLayout.Token::position),
                        layout.prompts().stream().mapToInt(RowLayout.Span::from))
                .allMatch(position -> position >= 0)
                && layout.prompts().stream().allMatch(span -> span.from() < span.to()) && layout.rows() > 0;
        if (!sound) {
            throw new BrokenLink("batch " + batch.getNumber() + ": no rows, or rows at no position (expected: some)");
        }
        return layout;
    }

    static Welcome welcome(StageProof proof) {
        return Welcome.newBuilder()
                .setKvBlocks(proof.kvBlocks())
                .setStrict(proof.found().strict())
                .setJoinable(proof.found().joinable())
                .addAllReasons(proof.found().reasons())
                .build();
    }

    /** @param stage that said so, for the reasons */
    static StageProof proof(int stage, Welcome welcome) {
        List<String> reasons = welcome.getReasonsList().stream().map(text -> "stage " + stage + ": " + text).toList();
        return new StageProof(new SelfTest.Result(welcome.getStrict(), welcome.getJoinable(), reasons),
                Math.toIntExact(welcome.getKvBlocks()));
    }

    private static KvArea.Builder area(SequenceId id, int blocks) {
        return KvArea.newBuilder().setSequence(id.value()).setBlocks(blocks);
    }

    private static RowLayout.Span span(PromptRows rows) {
        return new RowLayout.Span(new SequenceId(rows.getSequence()), rows.getFrom(), rows.getTo(),
                rows.getAnswered());
    }
}
