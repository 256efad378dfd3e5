package sightline.router.session;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import sightline.stage.v1.Begin;
import sightline.stage.v1.Choice;
import sightline.stage.v1.Encoded;
import sightline.stage.v1.ImageRows;
import sightline.stage.v1.SamplingRule;
import sightline.stage.v1.StoppingRule;
import sightline.v1.Finished;
import sightline.v1.GenerateResponse;
import sightline.v1.Started;
import sightline.v1.Timeline;
import sightline.v1.Usage;
import sightline.wire.Choices;

/** What a session says to its client and to its replicas, made of what it knows. */
record Messages(SessionFacts facts) {

    /** What waits for the client counts as sent, so that no attempt makes more wait than the first may. */
    Begin begin(Answering state, Run run, long nowNanos) {
        var prompt = state.prompt();
        long remaining = TimeUnit.NANOSECONDS.toMillis(facts.deadlineNanos() - nowNanos);
        var begin = Begin.newBuilder()
                .setRequestId(facts.requestId())
                .setTenant(facts.tenant())
                .setEpoch(run.epoch())
                .setChoice(run.choice())
                .setSuspect(run.isSuspect())
                .setModelDigest(facts.model().digest())
                .setSampling(samplingRule(prompt.choices()))
                .setStopping(StoppingRule.newBuilder()
                        .setMaxNewTokens(prompt.maxNewTokens())
                        .setMinNewTokens(facts.request().stopping().minNewTokens())
                        .addAllEndIds(facts.endIds()))
                .setTopLogprobs(facts.request().topLogprobs())
                .setRemainingMillis(Math.max(1, remaining))
                .setCredit(facts.rules().creditTokens() - state.delivery().tokens(run.choice()))
                .setPriority(facts.request().priority());
        Arrays.stream(prompt.prompt().ids().toArray()).forEach(begin::addPromptIds);
        Arrays.stream(run.answer().log().toArray()).forEach(begin::addAnswerIds);
        return begin.addAllImages(images(state)).build();
    }

    private SamplingRule samplingRule(Choices choices) {
        var sampling = facts.sampling();
        var adjustment = sampling.adjustment();
        var rule = SamplingRule.newBuilder()
                .setTemperature(sampling.temperature())
                .setTopK(sampling.topK())
                .setTopP(sampling.topP())
                .setMinP(sampling.minP())
                .setSeed(sampling.seed())
                .setRepetitionPenalty(adjustment.repetition())
                .setPresencePenalty(adjustment.presence())
                .setFrequencyPenalty(adjustment.frequency());
        adjustment.bias().forEach((id, bias) -> {
            if (facts.isInVocabulary(id))
                rule.putLogitBias(id, bias);
        });
        choices.answers().forEach(ids -> rule.addChoices(Choice.newBuilder().addAllIds(ids)));
        return rule.build();
    }

    GenerateResponse started(PreparedPrompt prepared, Fingerprints by) {
        var prompt = prepared.prompt();
        return GenerateResponse.newBuilder()
                .setStarted(Started.newBuilder()
                        .setRequestId(facts.requestId())
                        .setModel(facts.model().name())
                        .setModelDigest(facts.model().digest())
                        .setLanguageFingerprint(by.language())
                        .setVisionFingerprint(by.vision())
                        .setSeed(facts.sampling().seed())
                        .setPromptTokens(prompt.positions())
                        .setImageTokens(prompt.imagePositions()))
                .build();
    }

    GenerateResponse finished(Answering state, Timeline timeline) {
        var prompt = state.prompt().prompt();
        var usage = Usage.newBuilder()
                .setPromptTokens(prompt.positions())
                .setImageTokens(prompt.imagePositions())
                .setCachedPromptTokens(state.cachedPromptTokens())
                .setCompletionTokens(state.tokens());
        return GenerateResponse.newBuilder()
                .setFinished(Finished.newBuilder().setUsage(usage).setTimeline(timeline))
                .build();
    }

    /** Tickets that are not here yet follow. */
    private static List<ImageRows> images(Answering state) {
        var rows = state.prompt().prompt().pictures();
        return IntStream.range(0, rows.size()).mapToObj(i -> {
            var image = ImageRows.newBuilder().setOffset(rows.get(i).offset()).setCount(rows.get(i).count());
            state.tickets().flatMap(tickets -> tickets.of(i)).map(Encoded::getTicket).ifPresent(image::setTicket);
            return image.build();
        }).toList();
    }
}
