package sightline.router.request;

import java.util.OptionalInt;
import java.util.UUID;
import sightline.router.prompt.RequestRefused;
import sightline.v1.GenerateRequest;
import sightline.v1.Stopping;
import sightline.wire.Tenants;

/**
 * Turns a {@link GenerateRequest} into a {@link ValidRequest}, or refuses it with the path of the first bad field.
 *
 * <p>Takes no memory in proportion to a number that a client names. Bounds are those of inference.proto.
 */
public final class RequestParser {
    private static final int MAX_REQUEST_ID_CHARS = 128;
    private static final int MAX_STOPS = 16;
    private static final int MAX_STOP_CHARS = 256;
    private static final int MAX_STOP_TOKEN_IDS = 64;
    private static final int MAX_TOP_LOGPROBS = 20;
    private static final String NO_OTHER_END = "unset: a choice ends by itself";

    private final RequestLimits limits;

    public RequestParser(RequestLimits limits) {
        this.limits = limits;
    }

    /**
     * Checks a whole request.
     *
     * @param tenant for whom the call says that it is
     */
    public ValidRequest parse(String tenant, GenerateRequest request) throws RequestRefused {
        FieldPath.of(Tenants.KEY.originalName())
                .expect(Tenants.isName(tenant), tenant.length() + " characters", Tenants.EXPECTED);
        var requestId = requestId(request.getRequestId());
        var sampling = SamplingParser.parse(request.getSampling());
        var stopping = stopping(request.getStopping());
        expectNoOtherEnd(sampling, stopping);
        int topLogprobs = request.getOutput().getTopLogprobs();
        FieldPath.of("output.top_logprobs")
                .expect(topLogprobs >= 0 && topLogprobs <= MAX_TOP_LOGPROBS, topLogprobs,
                        "0.." + MAX_TOP_LOGPROBS);
        var inputs = new InputParser(limits);
        var input = inputs.parse(request);
        return new ValidRequest(tenant, requestId, model(request.getModel()), input, inputs.pictures(), sampling,
                stopping,
                topLogprobs, request.getPriority(), ResumeParser.parse(request, sampling, inputs.pictures().size()));
    }

    /** An answer that is one of the choices ends with it, no sooner and no later. */
    private static void expectNoOtherEnd(SamplingWish sampling, StoppingWish stopping) throws RequestRefused {
        var at = FieldPath.of("stopping");
        boolean free = sampling.choices().isEmpty();
        at.field("stop").expect(free || stopping.stops().isEmpty(), "stop strings with choices", NO_OTHER_END);
        at.field("stop_token_ids")
                .expect(free || stopping.stopTokenIds().isEmpty(), "stop tokens with choices", NO_OTHER_END);
        at.field("min_new_tokens")
                .expect(free || stopping.minNewTokens() == 0, stopping.minNewTokens() + " with choices", NO_OTHER_END);
    }

    private static String requestId(String given) throws RequestRefused {
        int length = characters(given);
        FieldPath.of("request_id")
                .expect(length <= MAX_REQUEST_ID_CHARS, length + " characters",
                        "at most " + MAX_REQUEST_ID_CHARS);
        return given.isEmpty() ? UUID.randomUUID().toString() : given;
    }

    private static ModelWish model(String name) {
        return name.isEmpty() ? new ModelWish.TheOnlyOne() : new ModelWish.Named(name);
    }

    private static StoppingWish stopping(Stopping stopping) throws RequestRefused {
        var at = FieldPath.of("stopping");
        boolean limited = stopping.hasMaxNewTokens();
        at.field("max_new_tokens")
                .expect(!limited || stopping.getMaxNewTokens() >= 1, stopping.getMaxNewTokens(),
                        ">= 1 and within the context");
        int minNewTokens = stopping.getMinNewTokens();
        at.field("min_new_tokens").expect(minNewTokens >= 0, minNewTokens, ">= 0");
        expectStops(at.field("stop"), stopping);
        at.field("stop_token_ids")
                .expect(stopping.getStopTokenIdsCount() <= MAX_STOP_TOKEN_IDS,
                        stopping.getStopTokenIdsCount() + " ids", "at most " + MAX_STOP_TOKEN_IDS);
        var wish = new StoppingWish(limited ? OptionalInt.of(stopping.getMaxNewTokens()) : OptionalInt.empty(),
                minNewTokens, stopping.getStopList(), stopping.getStopTokenIdsList(), stopping.getIgnoreEos());
        int most = wish.maxNewTokens(Integer.MAX_VALUE);
        at.field("min_new_tokens").expect(minNewTokens <= most, minNewTokens, "at most max_new_tokens, " + most);
        return wish;
    }

    private static void expectStops(FieldPath stops, Stopping stopping) throws RequestRefused {
        stops.expect(stopping.getStopCount() <= MAX_STOPS, stopping.getStopCount() + " strings",
                "at most " + MAX_STOPS);
        for (int i = 0; i < stopping.getStopCount(); i++) {
            int length = characters(stopping.getStop(i));
            stops.element(i)
                    .expect(length >= 1 && length <= MAX_STOP_CHARS, length + " characters",
                            "1.." + MAX_STOP_CHARS);
        }
    }

    /** By code points, as users count. */
    private static int characters(String text) {
        return text.codePointCount(0, text.length());
    }
}
