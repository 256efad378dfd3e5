package sightline.model;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.OptionalInt;

/** The two ids of a tokenizer.json that a model configuration may leave open; read token by token, as it is large. */
final class TokenizerIds {
    private static final JsonFactory FACTORY = new JsonFactory();

    private OptionalInt imageToken = OptionalInt.empty();
    private int last = -1;

    private TokenizerIds() {}

    static TokenizerIds read(String tokenizerJson) throws ModelProblem {
        var ids = new TokenizerIds();
        try (JsonParser json = FACTORY.createParser(tokenizerJson)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME)
                ids.member(json, json.currentName());
            return ids;
        } catch (JacksonException e) {
            throw new ModelProblem("tokenizer.json: no valid JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new ModelProblem("tokenizer.json: " + e.getMessage());
        }
    }

    /** The id of an added token {@code <image>}. */
    OptionalInt imageToken() {
        return imageToken;
    }

    /** The smallest id above all others. */
    int pastTheLast() {
        return last + 1;
    }

    private void member(JsonParser json, String name) throws IOException {
        var value = json.nextToken();
        if (name.equals("added_tokens") && value == JsonToken.START_ARRAY)
            while (json.nextToken() == JsonToken.START_OBJECT)
                addedToken(json);
        else if (name.equals("model") && value == JsonToken.START_OBJECT)
            while (json.nextToken() == JsonToken.FIELD_NAME)
                modelMember(json, json.currentName());
        else
            json.skipChildren();
    }

    private void addedToken(JsonParser json) throws IOException {
        int id = -1;
        var content = "";
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            var name = json.currentName();
            json.nextToken();
            if (name.equals("id"))
                id = json.getIntValue();
            else if (name.equals("content"))
                content = json.getText();
            else
                json.skipChildren();
        }
        last = Math.max(last, id);
        if (content.equals("<image>"))
            imageToken = OptionalInt.of(id);
    }

    /** A vocabulary is an object of ids, or, in unigram models, a list in order of id. */
    private void modelMember(JsonParser json, String name) throws IOException {
        var value = json.nextToken();
        if (name.equals("vocab") && value == JsonToken.START_OBJECT) {
            while (json.nextToken() == JsonToken.FIELD_NAME)
                last = Math.max(last, json.nextIntValue(last));
        } else if (name.equals("vocab") && value == JsonToken.START_ARRAY) {
            for (int id = 0; json.nextToken() != JsonToken.END_ARRAY && json.currentToken() != null; id++) {
                last = Math.max(last, id);
                json.skipChildren();
            }
        } else {
            json.skipChildren();
        }
    }
}
