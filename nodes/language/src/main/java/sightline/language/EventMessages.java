package sightline.language;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import sightline.language.sample.Scores;
import sightline.stage.v1.EndReason;
import sightline.stage.v1.Ended;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.Prefilled;
import sightline.stage.v1.ScoredToken;
import sightline.stage.v1.TokenScores;
import sightline.stage.v1.Tokens;
import sightline.stage.v1.Turn;
import sightline.wire.Failure;
import sightline.wire.Refusals;

/**
 * What the language model tells, as messages of one attempt.
 *
 * @param epoch the attempt's number
 * @param choice the answer's number
 */
record EventMessages(int epoch, int choice) {
    static GenerateEvent turn() {
        return GenerateEvent.newBuilder().setTurn(Turn.getDefaultInstance()).build();
    }

    GenerateEvent prefilled(GenerationEvent.Prefilled event) {
        var prefilled = Prefilled.newBuilder()
                .setCachedPromptTokens(event.cachedTokens())
                .setQueueUs(micros(event.queueNanos()))
                .setHandoffUs(micros(event.handoffNanos()))
                .setPrefillUs(micros(event.prefillNanos()));
        return GenerateEvent.newBuilder().setPrefilled(prefilled).build();
    }

    GenerateEvent token(GenerationEvent.Token token) {
        var tokens = Tokens.newBuilder().setEpoch(epoch).setChoice(choice).setIndex(token.index()).addIds(token.id());
        token.scores().ifPresent(scores -> tokens.addScores(scores(scores)));
        return GenerateEvent.newBuilder().setTokens(tokens).build();
    }

    GenerateEvent ended(GenerationEvent.EndedByToken end) {
        return ended(EndReason.END_REASON_TOKEN, Optional.of(end.endId()), end.decodeNanos());
    }

    GenerateEvent ended(GenerationEvent.EndedByChoice end) {
        return ended(EndReason.END_REASON_CHOICE, Optional.empty(), end.decodeNanos());
    }

    GenerateEvent ended(GenerationEvent.EndedByLength end) {
        return ended(EndReason.END_REASON_LENGTH, Optional.empty(), end.decodeNanos());
    }

    static GenerateEvent refused(Failure failure) {
        return GenerateEvent.newBuilder().setRefused(Refusals.toProto(0, failure)).build();
    }

    private GenerateEvent ended(EndReason reason, Optional<Integer> endId, long decodeNanos) {
        var ended = Ended.newBuilder()
                .setEpoch(epoch)
                .setChoice(choice)
                .setReason(reason)
                .setDecodeUs(micros(decodeNanos));
        endId.ifPresent(ended::setEndId);
        return GenerateEvent.newBuilder().setEnded(ended).build();
    }

    private static TokenScores scores(Scores scores) {
        var message = TokenScores.newBuilder().setLogprob(scores.logprob());
        scores.top()
                .forEach(
                        scored -> message
                                .addTop(ScoredToken.newBuilder().setId(scored.id()).setLogprob(scored.logprob())));
        return message.build();
    }

    private static long micros(long nanos) {
        return TimeUnit.NANOSECONDS.toMicros(nanos);
    }
}
