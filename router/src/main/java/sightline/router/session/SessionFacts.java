package sightline.router.session;

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

    String requestId() {
        return request.requestId();
    }
}
