package sightline.router.fleet;

import java.util.LinkedHashMap;
import java.util.Map;

/** What prompts that a replica was given began with, the latest of them: it may remember them. For one thread. */
final class RememberedPrompts {
    private static final int MOST_BLOCKS = 8_192; // a quarter of a million positions, more than a replica's memory holds

    private final Map<Long, Boolean> blocks = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
            return size() > MOST_BLOCKS;
        }
    };

    void add(PromptWork prompt) {
        prompt.beginnings().forEach(block -> blocks.put(block, true));
    }

    /** Positions at the prompt's beginning that need not be read again. */
    int known(PromptWork prompt) {
        int known = 0;
        for (var block : prompt.beginnings()) {
            if (!blocks.containsKey(block))
                break;
            known++;
        }
        return known * PromptWork.BLOCK;
    }
}
