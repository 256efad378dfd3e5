package sightline.router.session;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import sightline.router.prompt.EncodedPrompt;
import sightline.stage.v1.Begin;
import sightline.stage.v1.Choice;
import sightline.stage.v1.ImageRows;
import sightline.stage.v1.SamplingRule;
import sightline.stage.v1.StoppingRule;
import sightline.v1.Finished;
import sightline.v1.GenerateResponse;
import sightline.v1.Started;
import sightline.v1.Timeline;
import sightline.v1.Usage;
import sightline.wire.Choices;

/** What a session says to its client and to its replica, made of what it knows. */
record Messages(SessionFacts facts) {

    Begin begin(Run run, long nowNanos) {
        long remaining = TimeUnit.NANOSECONDS.toMillis(facts.deadlineNanos() - nowNanos);
        var begin = Begin.newBuilder()
                .setRequestId(facts.requestId())
                .setEpoch(run.epoch())
                .setModelDigest(facts.model().digest())
                .setSampling(samplingRule(run.prompt().choices()))
                .setStopping(StoppingRule.newBuilder()
                        .setMaxNewTokens(run.prompt().maxNewTokens())
                        .setMinNewTokens(facts.request().stopping().minNewTokens())
                        .addAllEndIds(endIds()))
                .setTopLogprobs(facts.request().topLogprobs())
                .setRemainingMillis(Math.max(1, remaining))
                .setCredit(facts.rules().creditTokens())
                .setPriority(facts.request().priority());
        for (int id : run.prompt().prompt().ids().toArray())
            begin.addPromptIds(id);
        return begin.addAllImages(images(run)).build();
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
            if (isInVocabulary(id))
                rule.putLogitBias(id, bias);
        });
        choices.answers().forEach(ids -> rule.addChoices(Choice.newBuilder().addAllIds(ids)));
        return rule.build();
    }

    /** An id beyond the vocabulary is never generated. */
    private boolean isInVocabulary(int id) {
        return Integer.compareUnsigned(id, facts.model().config().text().vocab()) < 0;
    }

    /** Tokens that end the answer: the model's, unless they are ignored, and the request's own; choices need the model's. */
    List<Integer> endIds() {
        var stopping = facts.request().stopping();
        var model = facts.model().config();
        var own = stopping.ignoreEos() && facts.request().sampling().choices().isEmpty()
                ? List.<Integer>of()
                : model.generation().endIds();
        return Stream.concat(own.stream(), stopping.stopTokenIds().stream())
                .filter(this::isInVocabulary)
                .distinct()
                .toList();
    }

    GenerateResponse started(Run run) {
        var prompt = run.prompt().prompt();
        return GenerateResponse.newBuilder()
                .setStarted(Started.newBuilder()
                        .setRequestId(facts.requestId())
                        .setModel(facts.model().name())
                        .setModelDigest(facts.model().digest())
                        .setLanguageFingerprint(run.replica().fingerprint())
                        .setVisionFingerprint(run.visionFingerprint())
                        .setSeed(facts.sampling().seed())
                        .setPromptTokens(prompt.positions())
                        .setImageTokens(prompt.imagePositions()))
                .build();
    }

    GenerateResponse finished(Run run, int completionTokens, Timeline timeline) {
        var prompt = run.prompt().prompt();
        var usage = Usage.newBuilder()
                .setPromptTokens(prompt.positions())
                .setImageTokens(prompt.imagePositions())
                .setCachedPromptTokens(run.cachedPromptTokens())
                .setCompletionTokens(completionTokens);
        return GenerateResponse.newBuilder()
                .setFinished(Finished.newBuilder().setUsage(usage).setTimeline(timeline))
                .build();
    }

    private static List<ImageRows> images(Run run) {
        var rows = run.prompt().prompt().pictures();
        var images = new ArrayList<ImageRows>();
        for (int i = 0; i < rows.size(); i++) {
            EncodedPrompt.Rows at = rows.get(i);
            images.add(ImageRows.newBuilder()
                    .setOffset(at.offset())
                    .setCount(at.count())
                    .setTicket(run.tickets().get(i).getTicket())
                    .build());
        }
        return images;
    }
}
