package sightline.router.request;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import sightline.router.prompt.PromptInput;

/**
 * A request in which every field is within its bounds, and every picture has a header that may be decoded.
 *
 * @param tenant for whom it is; empty where the call does not say
 * @param pictures in the order of their marks
 * @param topLogprobs 0 is none
 * @param priority higher goes first
 * @param resume the answer that it goes on with, where it does
 */
public record ValidRequest(String tenant, String requestId, ModelWish model, PromptInput input, List<Picture> pictures,
        SamplingWish sampling, StoppingWish stopping, int topLogprobs, int priority,
        Optional<ResumeWish> resume) {

    /**
     * A picture file.
     *
     * @param place its path in the request, to name it by
     */
    public record Picture(String place, ByteString encoded) {}

    public ValidRequest {
        pictures = List.copyOf(pictures);
    }
}
