package sightline.router.request;

import com.google.protobuf.ByteString;
import java.util.List;
import sightline.router.prompt.PromptInput;

/**
 * A request in which every field is within its bounds, and every picture has a header that may be decoded.
 *
 * @param pictures picture files, in the order of their marks
 * @param topLogprobs 0 is none
 * @param priority higher goes first
 */
public record ValidRequest(String requestId, ModelWish model, PromptInput input, List<ByteString> pictures,
        SamplingWish sampling, StoppingWish stopping, int topLogprobs, int priority) {

    public ValidRequest {
        pictures = List.copyOf(pictures);
    }
}
