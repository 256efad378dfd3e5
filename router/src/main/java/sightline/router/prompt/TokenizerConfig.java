package sightline.router.prompt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sightline.model.ChatTemplates;
import sightline.model.ModelProblem;
import sightline.model.SmallFiles;
import sightline.router.text.UnusableTokenizer;

/**
 * What stands beside {@code tokenizer.json}: named special tokens, whether a text begins with one, the chat template.
 *
 * @param specialTokens text by name, such as {@code bos_token}
 * @param addsBos absent where only the tokenizer itself says it
 * @param spaceBefore whether a byte-level tokenizer puts a space before text
 * @param cleansSpaces whether decoded text is rid of spaces before punctuation
 */
public record TokenizerConfig(Map<String, String> specialTokens, Optional<Boolean> addsBos, boolean spaceBefore,
        boolean cleansSpaces, Optional<String> chatTemplate) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String BOS = "bos_token";

    public TokenizerConfig {
        specialTokens = Map.copyOf(specialTokens);
    }

    /** All of it empty where a model has no such file. */
    public static TokenizerConfig parse(SmallFiles files) throws UnusableTokenizer {
        var config = json(files, "tokenizer_config.json");
        return new TokenizerConfig(specialTokens(config), addsBos(config), config.path("add_prefix_space").asBoolean(),
                config.path("clean_up_tokenization_spaces").asBoolean(), template(files));
    }

    Optional<String> bosToken() {
        return Optional.ofNullable(specialTokens.get(BOS));
    }

    /**
     * The tokenizer classes of Llama and Gemma begin every text with one where nothing else is said; those of other models
     * never look at the flag.
     */
    private static Optional<Boolean> addsBos(JsonNode config) {
        var said = config.path("add_bos_token");
        var kind = config.path("tokenizer_class").asText();
        if (kind.startsWith("Llama") || kind.startsWith("Gemma"))
            return Optional.of(said.asBoolean(true));
        return kind.isEmpty() && said.isBoolean() ? Optional.of(said.asBoolean()) : Optional.empty();
    }

    private static Optional<String> template(SmallFiles files) throws UnusableTokenizer {
        try {
            return ChatTemplates.find(files);
        } catch (ModelProblem e) {
            throw new UnusableTokenizer(String.join("; ", e.problems()), e);
        }
    }

    /** A token is written as its text or as an object with its content. */
    private static Map<String, String> specialTokens(JsonNode config) {
        var tokens = new TreeMap<String, String>();
        for (var property : config.properties()) {
            var value = property.getValue().isObject() ? property.getValue().path("content") : property.getValue();
            if (property.getKey().endsWith("_token") && value.isTextual())
                tokens.put(property.getKey(), value.asText());
        }
        return tokens;
    }

    private static JsonNode json(SmallFiles files, String name) throws UnusableTokenizer {
        var text = files.text(name);
        if (text.isEmpty())
            return MissingNode.getInstance();
        try {
            return JSON.readTree(text.get());
        } catch (JsonProcessingException e) {
            throw new UnusableTokenizer(name + ": no JSON (expected: an object)", e);
        }
    }
}
