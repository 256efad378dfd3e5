package sightline.language;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import sightline.language.ValidBegin.PromptImage;
import sightline.language.ValidBegin.TicketedRows;
import sightline.language.sample.SamplingRule;
import sightline.stage.v1.Begin;
import sightline.stage.v1.Choice;
import sightline.stage.v1.LateTicket;
import sightline.stage.v1.StoppingRule;
import sightline.wire.Choices;
import sightline.wire.Failure;
import sightline.wire.Tenants;

/** Turns a Begin into a {@link ValidBegin} or one refusal; past this edge only checked values exist. */
final class BeginParser {
    private static final int MAX_REQUEST_ID_CHARS = 128;
    private static final int MAX_TOP_LOGPROBS = 20;
    private static final int MOST_PRIORITY = 1_000; // three hours of waiting; more would make no difference
    private static final int MAX_END_IDS = 1_024;
    private static final int MAX_CHOICES = 64;
    private static final int MAX_ANSWERS = 16;
    private static final double MAX_TEMPERATURE = 100;
    private static final Duration LONGEST = Duration.ofDays(1);

    private final ServedShape served;
    private final ImageRowsParser imageRows;

    BeginParser(ServedShape served) {
        this.served = served;
        this.imageRows = new ImageRowsParser(served);
    }

    ValidBegin parse(Begin begin, long nowNanos) throws Refusal {
        requireModel(begin.getModelDigest());
        var requestId = begin.getRequestId();
        int characters = requestId.codePointCount(0, requestId.length());
        Expect.that(characters >= 1 && characters <= MAX_REQUEST_ID_CHARS, "request_id", characters + " characters",
                "1.." + MAX_REQUEST_ID_CHARS);
        Expect.that(Tenants.isName(begin.getTenant()), "tenant", begin.getTenant().length() + " characters",
                Tenants.EXPECTED);
        Expect.that(begin.getEpoch() >= 0, "epoch", begin.getEpoch(), ">= 0");
        Expect.that(begin.getCredit() >= 1, "credit", begin.getCredit(), ">= 1");
        int maxNewTokens = maxNewTokens(begin);
        var images = imageRows.parse(begin);
        requirePromptIds(begin.getPromptIdsList(), images);
        Expect.range("choice", begin.getChoice(), 0, MAX_ANSWERS - 1);
        var parsed = new ValidBegin(requestId, begin.getTenant(), begin.getEpoch(), begin.getChoice(), answerIds(begin),
                begin.getPromptIdsList(), images, sampling(begin),
                new AdjustmentParser(served.vocabulary()).parse(begin.getSampling()), choices(begin), maxNewTokens,
                minNewTokens(begin.getStopping()), endIds(begin.getStopping()), topLogprobs(begin),
                deadlineNanos(begin, nowNanos),
                begin.getCredit(), Math.clamp(begin.getPriority(), -MOST_PRIORITY, MOST_PRIORITY), begin.getSuspect());
        Expect.that(parsed.answerIds().isEmpty() || !parsed.isEndedBy(parsed.answerIds()), "answer_ids",
                "an answer that is whole", "one that goes on");
        return parsed;
    }

    /** The ticket of one of the request's images that came without. */
    TicketedRows parse(LateTicket late, ValidBegin request) throws Refusal {
        return imageRows.parse(late, request.images());
    }

    private List<Integer> answerIds(Begin begin) throws Refusal {
        int most = begin.getStopping().getMaxNewTokens() - 1;
        Expect.that(begin.getAnswerIdsCount() <= most, "answer_ids", begin.getAnswerIdsCount() + " ids",
                "at most " + most);
        for (int i = 0; i < begin.getAnswerIdsCount(); i++) {
            requireInVocabulary("answer_ids[" + i + "]", begin.getAnswerIds(i));
        }
        return begin.getAnswerIdsList();
    }

    private void requireInVocabulary(String field, int id) throws Refusal {
        Expect.that(id >= 0 && id < served.vocabulary(), field, Integer.toUnsignedString(id),
                "0.." + (served.vocabulary() - 1));
    }

    private void requireModel(String digest) throws Refusal {
        if (!digest.equals(served.modelDigest().hex())) {
            throw new Refusal(new Failure.WrongModel(
                    "model_digest: " + digest + " (expected: " + served.modelDigest() + ")"));
        }
    }

    private int maxNewTokens(Begin begin) throws Refusal {
        int promptTokens = begin.getPromptIdsCount();
        int maxNewTokens = begin.getStopping().getMaxNewTokens();
        Expect.that(promptTokens >= 1, "prompt_ids", promptTokens + " ids", "at least 1");
        Expect.that(maxNewTokens >= 1, "stopping.max_new_tokens", maxNewTokens, ">= 1");
        if ((long) promptTokens + maxNewTokens > served.contextLength()) {
            throw new Refusal(new Failure.PromptTooLong("prompt: " + promptTokens + " tokens and " + maxNewTokens
                    + " new ones (expected: at most " + served.contextLength() + " together)"));
        }
        return maxNewTokens;
    }

    /** Image tokens stand where image rows are, and only there; all others are in the vocabulary. */
    private void requirePromptIds(List<Integer> ids, List<PromptImage> images) throws Refusal {
        int position = 0;
        for (var image : images) {
            requireTextIds(ids, position, image.offset());
            for (int i = image.offset(); i < image.offset() + image.count(); i++) {
                Expect.that(ids.get(i) == served.imageTokenId(), "prompt_ids[" + i + "]",
                        Integer.toUnsignedString(ids.get(i)), "the image token " + served.imageTokenId());
            }
            position = image.offset() + image.count();
        }
        requireTextIds(ids, position, ids.size());
    }

    private void requireTextIds(List<Integer> ids, int from, int to) throws Refusal {
        for (int i = from; i < to; i++) {
            int id = ids.get(i);
            requireInVocabulary("prompt_ids[" + i + "]", id);
            Expect.that(id != served.imageTokenId(), "prompt_ids[" + i + "]", id, "an image's rows for this token");
        }
    }

    private SamplingRule sampling(Begin begin) throws Refusal {
        var rule = begin.getSampling();
        Expect.that(rule.getTemperature() >= 0 && rule.getTemperature() <= MAX_TEMPERATURE, "sampling.temperature",
                rule.getTemperature(), "0.." + (int) MAX_TEMPERATURE);
        Expect.that(rule.getTopK() >= 0, "sampling.top_k", rule.getTopK(), ">= 0");
        Expect.that(rule.getTopP() > 0 && rule.getTopP() <= 1, "sampling.top_p", rule.getTopP(), "over 0, at most 1");
        Expect.that(rule.getMinP() >= 0 && rule.getMinP() <= 1, "sampling.min_p", rule.getMinP(), "0..1");
        return rule.getTemperature() == 0
                ? new SamplingRule.Greedy()
                : new SamplingRule.Seeded(rule.getTemperature(), rule.getTopK(), rule.getTopP(), rule.getMinP(),
                        rule.getSeed());
    }

    private Choices choices(Begin begin) throws Refusal {
        var given = begin.getSampling().getChoicesList();
        Expect.that(given.size() <= MAX_CHOICES, "sampling.choices", given.size() + " choices",
                "at most " + MAX_CHOICES);
        for (int i = 0; i < given.size(); i++) {
            Expect.that(given.get(i).getIdsList().stream().allMatch(id -> id >= 0 && id < served.vocabulary()),
                    "sampling.choices[" + i + "]", "an id beyond", "0.." + (served.vocabulary() - 1));
        }
        var answers = given.stream().map(Choice::getIdsList).toList();
        Expect.that(answers.stream().noneMatch(List::isEmpty) && answers.stream().distinct().count() == answers.size(),
                "sampling.choices", "empty or equal ones", "different ones, none empty");
        var choices = new Choices(answers);
        Expect.that(!choices.needEndToken() || begin.getStopping().getEndIdsCount() > 0, "sampling.choices",
                "one that begins another and no end token", "an end token then");
        return choices;
    }

    private Set<Integer> endIds(StoppingRule stopping) throws Refusal {
        Expect.that(stopping.getEndIdsCount() <= MAX_END_IDS, "stopping.end_ids", stopping.getEndIdsCount() + " ids",
                "at most " + MAX_END_IDS);
        for (int i = 0; i < stopping.getEndIdsCount(); i++) {
            requireInVocabulary("stopping.end_ids[" + i + "]", stopping.getEndIds(i));
        }
        return Set.copyOf(stopping.getEndIdsList());
    }

    /** Where no token ends an answer, there has to be one that goes on with it. */
    private int minNewTokens(StoppingRule stopping) throws Refusal {
        int least = stopping.getMinNewTokens();
        Expect.range("stopping.min_new_tokens", least, 0, stopping.getMaxNewTokens());
        Expect.that(least == 0 || Set.copyOf(stopping.getEndIdsList()).size() < served.vocabulary(),
                "stopping.min_new_tokens", least, "0 where every token ends the answer");
        return least;
    }

    private int topLogprobs(Begin begin) throws Refusal {
        int most = Math.min(MAX_TOP_LOGPROBS, served.vocabulary());
        return Expect.range("top_logprobs", begin.getTopLogprobs(), 0, most);
    }

    private static long deadlineNanos(Begin begin, long nowNanos) throws Refusal {
        long millis = begin.getRemainingMillis();
        if (millis <= 0) {
            throw new Refusal(new Failure.Deadline("deadline passed before the request arrived"));
        }
        return nowNanos + Duration.ofMillis(Math.min(millis, LONGEST.toMillis())).toNanos();
    }
}
