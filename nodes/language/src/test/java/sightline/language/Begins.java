package sightline.language;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import sightline.stage.v1.Begin;
import sightline.stage.v1.ImageRows;
import sightline.stage.v1.SamplingRule;
import sightline.stage.v1.StoppingRule;
import sightline.stage.v1.Ticket;
import sightline.wire.Endpoint;
import sightline.wire.Sha256;
import sightline.wire.TensorSpec;

/** Requests that a node of this shape takes. */
record Begins(ServedShape served) {
    /** A greedy request with all the credit and time that it can need. */
    Begin.Builder text(List<Integer> promptIds, int maxNewTokens) {
        return Begin.newBuilder()
                .setRequestId("request")
                .setModelDigest(served.modelDigest().hex())
                .addAllPromptIds(promptIds)
                .setSampling(SamplingRule.newBuilder().setTopP(1))
                .setStopping(StoppingRule.newBuilder().setMaxNewTokens(maxNewTokens))
                .setRemainingMillis(60_000)
                .setCredit(maxNewTokens);
    }

    Begin.Builder text(int promptTokens, int maxNewTokens) {
        return text(IntStream.range(0, promptTokens).map(i -> i % 7).boxed().toList(), maxNewTokens);
    }

    /** A request whose log probabilities are told, greedy at temperature 0. */
    Begin.Builder scored(List<Integer> promptIds, int maxNewTokens, double temperature, long seed) {
        return text(promptIds, maxNewTokens).setTopLogprobs(5)
                .setSampling(SamplingRule.newBuilder().setTemperature(temperature).setTopP(1).setSeed(seed));
    }

    /** Text without pictures, the same for the same seed. */
    List<Integer> randomIds(int count, long seed) {
        return new Random(seed).ints(0, served.vocabulary())
                .filter(id -> id != served.imageTokenId())
                .limit(count)
                .boxed()
                .toList();
    }

    ImageRows rows(int offset, Ticket.Builder ticket) {
        return ImageRows.newBuilder().setOffset(offset).setCount(served.tokensPerImage()).setTicket(ticket).build();
    }

    /** A ticket for these projected tokens. */
    Ticket.Builder ticket(TensorSpec spec, Sha256 sha256, Endpoint... endpoints) {
        return Ticket.newBuilder()
                .setImageKey(sha256.byteString())
                .setSha256(sha256.byteString())
                .addAllShape(spec.shape())
                .setDtype(spec.type().wireName())
                .setModelDigest(spec.modelDigest().hex())
                .addAllEndpoints(List.of(endpoints).stream().map(Endpoint::toString).toList());
    }
}
