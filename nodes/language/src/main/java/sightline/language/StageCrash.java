package sightline.language;

import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.language.model.RowLayout;
import sightline.runtime.FaultHooks;

/**
 * A fault on purpose: ends the process of a stage behind the head, as a crash would, at the end of a prompt of so many
 * positions. Such a stage knows neither words nor their ids.
 *
 * @param positions none without the fault
 */
record StageCrash(OptionalInt positions) {
    private static final Logger LOG = LoggerFactory.getLogger(StageCrash.class);

    static StageCrash of(FaultHooks hooks) {
        return new StageCrash(hooks.crashOnPromptPositions());
    }

    /** Does not return from a batch that ends such a prompt. */
    void onBatch(RowLayout batch) {
        if (positions.isPresent() && batch.prompts().stream().anyMatch(this::isEnd)) {
            LOG.error("event=crash-on-purpose positions={}", positions.getAsInt());
            Runtime.getRuntime().halt(PromptCrash.SEGMENTATION_FAULT);
        }
    }

    private boolean isEnd(RowLayout.Span prompt) {
        return prompt.answered() && prompt.to() == positions.getAsInt();
    }
}
