package sightline.language.stage;

import java.util.List;
import sightline.language.kv.KvChange;
import sightline.language.kv.KvShape;
import sightline.language.model.RowLayout;
import sightline.language.model.StageProof;
import sightline.language.model.StageSizes;
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

    /** @throws BrokenLink where it makes no sense, or is more than the stage has room for */
    static KvChange parse(sightline.stage.v1.KvChange message, StageSizes sizes) throws BrokenLink {
        requireRoom(message, sizes.kvBlocks());
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

    private static void requireRoom(sightline.stage.v1.KvChange message, int kvBlocks) throws BrokenLink {
        switch (message.getChangeCase()) {
            case RESERVE -> require("blocks", message.getReserve().getBlocks(), 1, kvBlocks);
            case GROW -> require("blocks", message.getGrow().getBlocks(), 1, kvBlocks);
            case KEEP -> require("index", message.getKeep().getIndex(), 0, kvBlocks - 1);
            case RECALL -> require("recalled blocks", message.getRecall().getNumbersCount(), 0, kvBlocks);
            case RELEASE, DROP, CHANGE_NOT_SET -> {
            }
        }
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

    /** @throws BrokenLink where it has no rows, or more of them or others than the stage knows of */
    static RowLayout layout(StageBatch batch, StageSizes sizes) throws BrokenLink {
        long rows = batch.getTokensCount();
        for (var token : batch.getTokensList()) {
            require("position", token.getPosition(), 0, sizes.positions() - 1L);
        }
        for (var span : batch.getPromptsList()) {
            require("from", span.getFrom(), 0, sizes.positions() - 1L);
            require("to", span.getTo(), span.getFrom() + 1L, sizes.positions());
            rows += span.getTo() - span.getFrom();
        }
        require("rows", rows, 1, sizes.mostRows());
        return new RowLayout(
                batch.getTokensList()
                        .stream()
                        .map(row -> new RowLayout.Token(new SequenceId(row.getSequence()), row.getPosition()))
                        .toList(),
                batch.getPromptsList().stream().map(PipelineMessages::span).toList());
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
    static StageProof proof(int stage, Welcome welcome) throws BrokenLink {
        require("kv_blocks", welcome.getKvBlocks(), 1, Integer.MAX_VALUE / KvShape.BLOCK_POSITIONS);
        List<String> reasons = welcome.getReasonsList().stream().map(text -> "stage " + stage + ": " + text).toList();
        return new StageProof(new SelfTest.Result(welcome.getStrict(), welcome.getJoinable(), reasons),
                Math.toIntExact(welcome.getKvBlocks()));
    }

    private static void require(String what, long got, long least, long most) throws BrokenLink {
        if (got < least || got > most) {
            throw new BrokenLink(what + ": " + got + " (expected: " + least + ".." + most + ")");
        }
    }

    private static KvArea.Builder area(SequenceId id, int blocks) {
        return KvArea.newBuilder().setSequence(id.value()).setBlocks(blocks);
    }

    private static RowLayout.Span span(PromptRows rows) {
        return new RowLayout.Span(new SequenceId(rows.getSequence()), rows.getFrom(), rows.getTo(),
                rows.getAnswered());
    }
}
