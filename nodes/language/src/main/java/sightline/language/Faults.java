package sightline.language;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
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

    void onPrompt(ValidBegin request) {
        crash.ifPresent(hook -> hook.onPrompt(request));
    }

    void onStep() {
        LockSupport.parkNanos(delayStep.toNanos());
    }
}
