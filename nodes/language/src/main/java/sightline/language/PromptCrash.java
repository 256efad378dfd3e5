package sightline.language;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.model.SmallFiles;
import sightline.runtime.LogValue;

/**
 * A fault on purpose: ends the process, as a crash would, when a prompt's text holds certain words.
 *
 * <p>A language node knows no text, so the words are looked for in the vocabulary's pieces, spaces written as there.
 */
final class PromptCrash {
    private static final Logger LOG = LoggerFactory.getLogger(PromptCrash.class);
    static final int SEGMENTATION_FAULT = 128 + 11;

    private final String words;
    private final Map<Integer, String> pieces;

    private PromptCrash(String words, Map<Integer, String> pieces) {
        this.words = words;
        this.pieces = Map.copyOf(pieces);
    }

    /** @param files those of the model, its tokenizer among them */
    static PromptCrash on(String words, SmallFiles files) {
        try {
            Map<Integer, String> pieces = new HashMap<>();
            new ObjectMapper().readTree(files.text("tokenizer.json").orElse("{}"))
                    .at("/model/vocab")
                    .properties()
                    .forEach(piece -> pieces.put(piece.getValue().asInt(), piece.getKey().replace('\u2581', ' ')));
            return new PromptCrash(words, pieces);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("tokenizer.json: not JSON (expected: a tokenizer)", e);
        }
    }

    boolean isAskedBy(List<Integer> promptIds) {
        return promptIds.stream().map(id -> pieces.getOrDefault(id, "")).collect(Collectors.joining()).contains(words);
    }

    /** Does not return from a prompt that holds the words. */
    void onPrompt(ValidBegin request) {
        if (isAskedBy(request.promptIds())) {
            LOG.error("event=crash-on-purpose request={}", LogValue.of(request.requestId()));
            Runtime.getRuntime().halt(SEGMENTATION_FAULT);
        }
    }
}
