package sightline.router.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;
import sightline.router.fleet.DemoModel;
import sightline.router.fleet.EncodeJob;
import sightline.router.fleet.JobId;
import sightline.router.fleet.LearnedModel;
import sightline.router.prompt.EncodedPrompt;
import sightline.router.prompt.RequestRefused;
import sightline.router.request.RequestLimits;
import sightline.router.request.RequestParser;
import sightline.router.request.ResumeWish;
import sightline.router.text.Ids;
import sightline.v1.ChoiceEnd;
import sightline.v1.GenerateRequest;
import sightline.wire.Choices;

/** What a router makes of a request before a node hears of it: parsed by the real parser, its prompt one id a letter. */
public final class SimulatedRequest {
    public static final SessionRules RULES = new SessionRules(Duration.ofSeconds(10), 8, Duration.ofSeconds(30),
            Duration.ofSeconds(2), Duration.ofSeconds(6), Duration.ofMillis(500));
    public static final LearnedModel MODEL = DemoModel.learned();
    public static final int CONTEXT = 512;

    private static final RequestParser PARSER = new RequestParser(new RequestLimits(4, 1 << 20, 1 << 20));
    private static final int FIRST_LETTER = 300;
    private static final int ROWS = 7; // as many as an image takes letters

    /**
     * The answer that nothing happened to.
     *
     * @param shown the whole text that a client has been shown after so many ids
     */
    public record Unfailed(List<Integer> ids, List<String> shown, ChoiceEnd end) {}

    private SimulatedRequest() {}

    static SessionFacts facts(GenerateRequest request, JobId id, long receivedNanos, long deadlineNanos,
            long drawnSeed) throws RequestRefused {
        var valid = PARSER.parse("", request);
        long seed = valid.resume().map(ResumeWish::seed).orElse(drawnSeed);
        return new SessionFacts(id, valid, MODEL, valid.sampling().resolve(MODEL.config().generation(), seed),
                CONTEXT, receivedNanos, deadlineNanos, RULES);
    }

    public static List<Integer> promptIds(GenerateRequest request) {
        return request.getPrompt().getText().chars().mapToObj(letter -> FIRST_LETTER + letter).toList();
    }

    static SessionEvent.OfPrompt prepare(GenerateRequest request, SessionFacts facts) {
        var ids = Ids.empty();
        for (int id : promptIds(request))
            ids = ids.append(id);
        var pictures = facts.request().pictures();
        var rows = IntStream.range(0, pictures.size())
                .mapToObj(i -> new EncodedPrompt.Rows(ROWS * i, ROWS))
                .toList();
        var named = pictures.stream()
                .map(picture -> new EncodeJob.Picture(picture.place(), MODEL.imageKey(picture.encoded()),
                        picture.encoded()))
                .toList();
        int most = request.getStopping().getMaxNewTokens();
        try {
            return new SessionEvent.Prepared(new PreparedPrompt(new EncodedPrompt(ids, rows), named, Choices.FREE, most,
                    new FirstAnswers(facts).of(Choices.FREE, most)));
        } catch (RequestRefused e) {
            return new SessionEvent.NotPrepared(e.failure());
        }
    }

    /**
     * The answer to which nothing happens.
     *
     * @param tokens what the model says, for ever
     */
    public static Unfailed unfailed(GenerateRequest request, PrimitiveIterator.OfInt tokens) {
        try {
            var facts = facts(request, new JobId(0), 0, 1, 0);
            var answer = new FirstAnswers(facts).of(Choices.FREE, request.getStopping().getMaxNewTokens()).getFirst();
            var ids = new ArrayList<Integer>();
            var shown = new ArrayList<>(List.of(""));
            while (!answer.isOver()) {
                int id = tokens.nextInt();
                var grown = answer.accept(id);
                answer = grown.answer();
                ids.add(id);
                shown.add(shown.getLast() + grown.text());
            }
            return new Unfailed(ids, shown, answer.end().orElseThrow());
        } catch (RequestRefused e) {
            throw new IllegalArgumentException(e);
        }
    }
}
