package sightline.router.session;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import sightline.router.prompt.EncodedPrompt;
import sightline.stage.v1.Begin;
import sightline.stage.v1.ImageRows;
import sightline.stage.v1.SamplingRule;
import sightline.stage.v1.StoppingRule;
import sightline.v1.Finished;
import sightline.v1.GenerateResponse;
import sightline.v1.Started;
import sightline.v1.Timeline;
import sightline.v1.Usage;

/** What a session says to its client and to its replica, made of what it knows. */
record Messages(SessionFacts facts) {

    Begin begin(Run run, long nowNanos) {
        var sampling = facts.sampling();
        long remaining = TimeUnit.NANOSECONDS.toMillis(facts.deadlineNanos() - nowNanos);
        var begin = Begin.newBuilder()
                .setRequestId(facts.requestId())
                .setEpoch(run.epoch())
                .setModelDigest(facts.model().digest())
                .setSampling(SamplingRule.newBuilder()
                        .setTemperature(sampling.temperature())
                        .setTopK(sampling.topK())
                        .setTopP(sampling.topP())
                        .setSeed(sampling.seed()))
                .setStopping(
                        StoppingRule.newBuilder().setMaxNewTokens(run.prompt().maxNewTokens()).addAllEndIds(endIds()))
                .setTopLogprobs(facts.request().topLogprobs())
                .setRemainingMillis(Math.max(1, remaining))
                .setCredit(facts.rules().creditTokens());
        for (int id : run.prompt().prompt().ids().toArray())
            begin.addPromptIds(id);
        return begin.addAllImages(images(run)).build();
    }

    /** Tokens that end the answer: the model's, unless they are ignored, and the request's own. */
    List<Integer> endIds() {
        var stopping = facts.request().stopping();
        var model = facts.model().config();
        var own = stopping.ignoreEos() ? List.<Integer>of() : model.generation().endIds();
        // An id beyond the vocabulary is never generated.
        return Stream.concat(own.stream(), stopping.stopTokenIds().stream())
                .filter(id -> Integer.compareUnsigned(id, model.text().vocab()) < 0)
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
