package sightline.router.session;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import sightline.router.fleet.EncodeJob;
import sightline.router.prompt.EncodedPrompt;
import sightline.router.prompt.RequestRefused;
import sightline.router.request.StoppingWish;
import sightline.wire.Choices;
import sightline.wire.Failure;

/**
 * Renders and encodes prompts, and names their pictures, on a bounded number of threads of their own with a bounded
 * queue before them; what does not fit is refused at once.
 */
public final class PromptPreparation implements AutoCloseable {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final ThreadPoolExecutor executor;

    /** @param waiting prompts that may wait for a thread */
    public PromptPreparation(int threads, int waiting) {
        executor = new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(waiting),
                Thread.ofPlatform().daemon().name("prompt-", 0).factory());
    }

    CompletionStage<SessionEvent.OfPrompt> prepare(SessionFacts facts) {
        try {
            return CompletableFuture.supplyAsync(() -> prepared(facts), executor);
        } catch (RejectedExecutionException _) {
            return CompletableFuture.completedStage(new SessionEvent.NotPrepared(
                    new Failure.Overloaded("too many prompts wait to be encoded", RETRY_AFTER)));
        }
    }

    /** For other work on text, such as reading a tokenizer. */
    public ThreadPoolExecutor executor() {
        return executor;
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }

    private static SessionEvent.OfPrompt prepared(SessionFacts facts) {
        var request = facts.request();
        try {
            var prompt = facts.model()
                    .prompts()
                    .encode(request.input(), request.pictures().size(),
                            facts.contextLength() - 1);
            var choices = new AnswerChoices(facts.model()).encode(request.sampling().choices());
            int maxNewTokens = maxNewTokens(facts, prompt, choices);
            var pictures = request.pictures()
                    .stream()
                    .map(picture -> new EncodeJob.Picture(picture.place(),
                            facts.model().imageKey(picture.encoded()), picture.encoded()))
                    .toList();
            var answers = new FirstAnswers(facts).of(choices, maxNewTokens);
            return new SessionEvent.Prepared(new PreparedPrompt(prompt, pictures, choices, maxNewTokens, answers));
        } catch (RequestRefused e) {
            return new SessionEvent.NotPrepared(e.failure());
        }
    }

    private static int maxNewTokens(SessionFacts facts, EncodedPrompt prompt, Choices choices) throws RequestRefused {
        int room = facts.contextLength() - prompt.positions();
        var stopping = facts.request().stopping();
        int maxNewTokens = choices.isFree() ? stopping.maxNewTokens(room) : mostTokens(stopping, choices);
        if (maxNewTokens > room)
            throw tooLong(facts, prompt, "max_new_tokens " + maxNewTokens);
        if (stopping.minNewTokens() > maxNewTokens)
            throw tooLong(facts, prompt, "min_new_tokens " + stopping.minNewTokens());
        return maxNewTokens;
    }

    /** So many that every choice can be given, and no more. */
    private static int mostTokens(StoppingWish stopping, Choices choices) throws RequestRefused {
        int needed = choices.mostTokens();
        if (stopping.maxNewTokens().orElse(needed) < needed)
            throw new RequestRefused(new Failure.BadField("stopping.max_new_tokens", stopping.maxNewTokens().getAsInt()
                    + " (expected: at least " + needed + ", which the longest of the choices takes)"));
        return needed;
    }

    private static RequestRefused tooLong(SessionFacts facts, EncodedPrompt prompt, String newTokens) {
        return new RequestRefused(new Failure.PromptTooLong("prompt of " + prompt.positions()
                + " positions and stopping." + newTokens + " (expected: at most " + facts.contextLength()
                + " together)"));
    }
}
