package sightline.router.session;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import sightline.router.fleet.JobId;
import sightline.router.fleet.LearnedModel;
import sightline.router.request.SamplingWish;
import sightline.router.request.ValidRequest;

/**
 * What does not change in a session's life.
 *
 * @param sampling with the model's defaults and a seed
 * @param contextLength positions that prompt and answer may have together
 * @param receivedNanos when the router took the request
 */
record SessionFacts(JobId id, ValidRequest request, LearnedModel model, SamplingWish.Resolved sampling,
        int contextLength, long receivedNanos, long deadlineNanos, SessionRules rules) {

    int answers() {
        return request.sampling().answers();
    }

    String tenant() {
        return request.tenant();
    }

    String requestId() {
        return request.requestId();
    }

    /** An id beyond the vocabulary is never generated. */
    boolean isInVocabulary(int id) {
        return Integer.compareUnsigned(id, model.config().text().vocab()) < 0;
    }

    /** Tokens that end the answer: the model's, unless they are ignored, and the request's own; choices need the model's. */
    List<Integer> endIds() {
        var stopping = request.stopping();
        var own = stopping.ignoreEos() && request.sampling().choices().isEmpty()
                ? List.<Integer>of()
                : model.config().generation().endIds();
        return Stream.concat(own.stream(), stopping.stopTokenIds().stream())
                .filter(this::isInVocabulary)
                .distinct()
                .toList();
    }

    /** What the answers of another router were begun with, where this request goes on with them. */
    Optional<Fingerprints> resumed() {
        return request.resume()
                .map(resume -> new Fingerprints(resume.languageFingerprint(), resume.visionFingerprint()));
    }
}
