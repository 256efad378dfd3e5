package sightline.router.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What a model's {@code tokenizer.json} says about tokens; read as a stream, since it may hold a million entries. */
public final class TokenizerFile {
    private static final JsonMapper JSON = new JsonMapper(JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build());

    private final byte[] json;
    private final Map<Integer, String> pieces = new HashMap<>();
    private final List<AddedToken> addedTokens = new ArrayList<>();
    private JsonNode decoder = MissingNode.getInstance();
    private JsonNode preTokenizer = NullNode.getInstance();

    private TokenizerFile(byte[] json) {
        this.json = json;
    }

    public static TokenizerFile parse(byte[] json) throws UnusableTokenizer {
        var file = new TokenizerFile(json);
        try (var parser = JSON.createParser(json)) {
            expect(parser.nextToken() == JsonToken.START_OBJECT, "something else", "one JSON object");
            while (parser.nextToken() == JsonToken.FIELD_NAME)
                file.read(parser.currentName(), parser);
        } catch (IOException e) {
            throw new UnusableTokenizer("tokenizer.json: no JSON (expected: a Hugging Face tokenizer file)", e);
        }
        expect(!file.pieces.isEmpty(), "no vocabulary", "model.vocab with token texts and ids");
        return file;
    }

    /** Id and text of every token of the vocabulary proper. */
    Map<Integer, String> pieces() {
        return pieces;
    }

    /** In the file's order. */
    public List<AddedToken> addedTokens() {
        return List.copyOf(addedTokens);
    }

    /** The length in characters of the longest token's text. */
    public int longestToken() {
        return Stream.concat(pieces.values().stream(), addedTokens.stream().map(AddedToken::content))
                .mapToInt(String::length)
                .max()
                .orElse(1);
    }

    /** The id of the token that is written so. */
    public Optional<Integer> idOf(String content) {
        var added = addedTokens.stream()
                .filter(token -> token.content().equals(content))
                .map(AddedToken::id)
                .findFirst();
        return added.or(() -> pieces.entrySet()
                .stream()
                .filter(piece -> piece.getValue().equals(content))
                .map(Map.Entry::getKey)
                .findFirst());
    }

    /** The file's rule for turning tokens into text. */
    JsonNode decoder() {
        return decoder;
    }

    /** The file's rule for cutting text up, which may also put a space before it. */
    public JsonNode preTokenizer() {
        return preTokenizer;
    }

    /**
     * The same file with another rule for cutting text up, and with only those added tokens that {@code kept} wants; all
     * ids stay, since one that only the list of added tokens gives is left to a name that nobody can type. Truncation and
     * padding are left out, since a prompt is never changed in length without a word.
     */
    public byte[] with(JsonNode otherPreTokenizer, Predicate<AddedToken> kept) {
        var out = new ByteArrayOutputStream(json.length);
        try (var parser = JSON.createParser(json); var generator = JSON.createGenerator(out)) {
            parser.nextToken();
            generator.writeStartObject();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var name = parser.currentName();
                parser.nextToken();
                generator.writeFieldName(name);
                switch (name) {
                    case "added_tokens" -> copyKept(parser, generator, kept);
                    case "pre_tokenizer" -> {
                        parser.skipChildren();
                        generator.writeTree(otherPreTokenizer);
                    }
                    case "truncation", "padding" -> {
                        parser.skipChildren();
                        generator.writeNull();
                    }
                    default -> generator.copyCurrentStructure(parser);
                }
            }
            generator.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("bytes that were parsed before cannot be parsed again", e);
        }
        return out.toByteArray();
    }

    private void copyKept(JsonParser parser, JsonGenerator generator, Predicate<AddedToken> kept) throws IOException {
        var own = Set.copyOf(pieces.values());
        generator.writeStartArray();
        for (JsonNode node : JSON.<JsonNode>readTree(parser)) {
            var token = addedToken(node);
            if (!kept.test(token) && !own.contains(token.content()))
                ((ObjectNode) node).put("content", UUID.randomUUID().toString());
            if (kept.test(token) || !own.contains(token.content()))
                generator.writeTree(node);
        }
        generator.writeEndArray();
    }

    private void read(String name, JsonParser parser) throws IOException, UnusableTokenizer {
        parser.nextToken();
        switch (name) {
            case "added_tokens" -> readAddedTokens(JSON.readTree(parser));
            case "model" -> readModel(parser);
            case "decoder" -> decoder = JSON.readTree(parser);
            case "pre_tokenizer" -> preTokenizer = JSON.readTree(parser);
            default -> parser.skipChildren();
        }
    }

    private void readAddedTokens(JsonNode nodes) throws UnusableTokenizer {
        for (var node : nodes) {
            expect(node.path("id").canConvertToInt() && node.path("content").isTextual(), "an added token without them",
                    "id and content in every added token");
            addedTokens.add(addedToken(node));
        }
    }

    private static AddedToken addedToken(JsonNode node) {
        return new AddedToken(node.path("id").asInt(), node.path("content").asText(),
                node.path("special").asBoolean());
    }

    private void readModel(JsonParser parser) throws IOException, UnusableTokenizer {
        expect(parser.currentToken() == JsonToken.START_OBJECT, "a model that is no object", "a BPE model");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean isVocabulary = parser.currentName().equals("vocab");
            parser.nextToken();
            if (isVocabulary)
                readVocabulary(parser);
            else
                parser.skipChildren();
        }
    }

    private void readVocabulary(JsonParser parser) throws IOException, UnusableTokenizer {
        expect(parser.currentToken() == JsonToken.START_OBJECT, "another vocabulary",
                "texts with their ids, as BPE has");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var text = parser.currentName();
            expect(parser.nextToken() == JsonToken.VALUE_NUMBER_INT, "a token without id", "an id per token");
            pieces.put(parser.getIntValue(), text);
        }
    }

    private static void expect(boolean condition, String got, String expected) throws UnusableTokenizer {
        if (!condition)
            throw new UnusableTokenizer("tokenizer.json: " + got + " (expected: " + expected + ")");
    }
}
