package sightline.language;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Set;
import sightline.language.sample.SamplingRule;
import sightline.wire.Endpoint;
import sightline.wire.Sha256;
import sightline.wire.TensorSpec;

/**
 * A request that passed every check that needs no tensor.
 *
 * @param promptIds one per position of the whole prompt, image rows included
 * @param endIds tokens that end the answer
 * @param topLogprobs 0 is none
 * @param credit tokens that may be sent at once
 */
record ValidBegin(String requestId, int epoch, List<Integer> promptIds, List<TicketedRows> images,
        SamplingRule sampling,
        int maxNewTokens, Set<Integer> endIds, int topLogprobs, long deadlineNanos, int credit) {
    ValidBegin {
        promptIds = List.copyOf(promptIds);
        images = List.copyOf(images);
        endIds = Set.copyOf(endIds);
    }

    /**
     * Projected tokens to be fetched, and where they belong.
     *
     * @param endpoints that serve them, in the order to try
     */
    record TicketedRows(int offset, int count, ByteString imageKey, Sha256 sha256, TensorSpec spec,
            List<Endpoint> endpoints) {
        TicketedRows {
            endpoints = List.copyOf(endpoints);
        }
    }
}
