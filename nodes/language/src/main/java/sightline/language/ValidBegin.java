package sightline.language;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import sightline.language.sample.Adjustment;
import sightline.language.sample.SamplingRule;
import sightline.language.sample.TokenConstraint;
import sightline.language.schedule.Demand.ImageSpan;
import sightline.language.schedule.Demand.PromptShape;
import sightline.language.schedule.PromptBlock;
import sightline.language.schedule.PromptBlock.ImagePart;
import sightline.wire.Choices;
import sightline.wire.Endpoint;
import sightline.wire.Sha256;
import sightline.wire.TensorSpec;

/**
 * A request that passed every check that needs no tensor.
 *
 * @param tenant for whom it is
 * @param choice number of the answer among those to its prompt
 * @param answerIds of the answer, generated elsewhere before
 * @param promptIds one per position of the whole prompt, image rows included
 * @param adjustment of the logits, before sampling
 * @param choices one of which the answer has to be
 * @param minNewTokens before this many, no token of {@code endIds} is generated
 * @param endIds tokens that end the answer
 * @param topLogprobs 0 is none
 * @param credit tokens that may be sent at once
 * @param priority higher goes first
 * @param suspect its replica died, and it may be the reason
 */
record ValidBegin(String requestId, String tenant, int epoch, int choice, List<Integer> answerIds,
        List<Integer> promptIds, List<PromptImage> images,
        SamplingRule sampling, Adjustment adjustment, Choices choices, int maxNewTokens, int minNewTokens,
        Set<Integer> endIds, int topLogprobs, long deadlineNanos, int credit, int priority, boolean suspect) {
    ValidBegin {
        answerIds = List.copyOf(answerIds);
        promptIds = List.copyOf(promptIds);
        images = List.copyOf(images);
        endIds = Set.copyOf(endIds);
    }

    /** Which tokens may come next. */
    TokenConstraint constraint() {
        return choices.isFree()
                ? TokenConstraint.atLeast(minNewTokens, endIds)
                : TokenConstraint.oneOf(choices, endIds);
    }

    /** Whether nothing may follow these ids, whatever the answer's length. */
    boolean isEndedBy(List<Integer> answer) {
        return endIds.contains(answer.getLast()) || choices.isOver(answer);
    }

    /**
     * The prompt in the scheduler's eyes.
     *
     * @param blockPositions positions of a KV block
     */
    PromptShape shape(int blockPositions) {
        int known = images.stream()
                .filter(LateRows.class::isInstance)
                .mapToInt(PromptImage::offset)
                .findFirst()
                .orElse(promptIds.size());
        int blocks = Math.min(promptIds.size() - 1, known) / blockPositions;
        return new PromptShape(promptIds.size(),
                images.stream()
                        .map(image -> new ImageSpan(image.offset(), image.end(), image instanceof TicketedRows))
                        .toList(),
                IntStream.range(0, blocks).mapToObj(i -> block(i * blockPositions, blockPositions)).toList());
    }

    private PromptBlock block(int from, int count) {
        return new PromptBlock(promptIds.subList(from, from + count),
                images.stream().flatMap(image -> image.within(from, from + count).stream()).toList());
    }

    /** With the ticket of an image that came without. */
    ValidBegin with(int image, TicketedRows ticketed) {
        var changed = new ArrayList<>(images);
        changed.set(image, ticketed);
        return new ValidBegin(requestId, tenant, epoch, choice, answerIds, promptIds, changed, sampling, adjustment,
                choices,
                maxNewTokens, minNewTokens, endIds, topLogprobs, deadlineNanos, credit, priority, suspect);
    }

    /** Where the rows of an image stand. */
    sealed interface PromptImage {
        int offset();

        int count();

        /** What its projected tokens are, or will be. */
        TensorSpec spec();

        default int end() {
            return offset() + count();
        }

        /** What of it is known to stand at positions {@code from} to {@code to} (exclusive), if anything. */
        Optional<ImagePart> within(int from, int to);
    }

    /** It is still being encoded, and its ticket is to come. */
    record LateRows(int offset, int count, TensorSpec spec) implements PromptImage {
        @Override
        public Optional<ImagePart> within(int from, int to) {
            return Optional.empty();
        }
    }

    /**
     * Projected tokens to be fetched, and where they belong.
     *
     * @param endpoints that serve them, in the order to try
     */
    record TicketedRows(int offset, int count, ByteString imageKey, Sha256 sha256, TensorSpec spec,
            List<Endpoint> endpoints) implements PromptImage {
        TicketedRows {
            endpoints = List.copyOf(endpoints);
        }

        /** The last of several endpoints is a router's, which passes on what the first one has. */
        boolean isRelay(Endpoint endpoint) {
            return endpoints.size() > 1 && endpoint.equals(endpoints.getLast());
        }

        @Override
        public Optional<ImagePart> within(int from, int to) {
            int first = Math.max(from, offset);
            int end = Math.min(to, offset + count);
            return first < end
                    ? Optional.of(new ImagePart(sha256, first - offset, first - from, end - first))
                    : Optional.empty();
        }
    }
}
