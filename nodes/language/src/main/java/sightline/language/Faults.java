package sightline.language;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import sightline.model.SmallFiles;
import sightline.runtime.FaultHooks;

/**
 * Faults on purpose, as far as they concern the language model.
 *
 * @param delayStep how much longer every step takes
 */
record Faults(Duration delayStep, Optional<PromptCrash> crash) {
    static Faults of(FaultHooks hooks, SmallFiles files) {
        return new Faults(hooks.delayStep(),
                hooks.crashOnPromptContaining().map(words -> PromptCrash.on(words, files)));
    }

    /** @param prompts that are read in this step */
    void onStep(Stream<ValidBegin> prompts) {
        LockSupport.parkNanos(delayStep.toNanos());
        crash.ifPresent(hook -> prompts.forEach(hook::onPrompt));
    }
}
