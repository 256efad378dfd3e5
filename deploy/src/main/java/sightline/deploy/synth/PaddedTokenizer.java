package sightline.deploy.synth;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** A small tokenizer with filler entries, so that every id of a larger vocabulary is a token. */
final class PaddedTokenizer {

    private static final String IMAGE_TOKEN = "<image>";
    private static final int LONGEST_RUN_OF_SPACES = 4;

    private PaddedTokenizer() {}

    /**
     * Moves {@code <image>} to {@code imageTokenId}, as published checkpoints have it: an added token behind the model's
     * own entries. No merge makes a filler entry, so ordinary text gets the ids that it had.
     *
     * @param tokenizer a tokenizer.json; left as it is
     */
    static JsonObject pad(JsonObject tokenizer, int imageTokenId, int vocabulary) {
        JsonObject padded = tokenizer.deepCopy();
        padVocabulary(padded.getAsJsonObject("model").getAsJsonObject("vocab"), imageTokenId);
        for (JsonElement token : padded.getAsJsonArray("added_tokens")) {
            if (token.getAsJsonObject().get("content").getAsString().equals(IMAGE_TOKEN)) {
                token.getAsJsonObject().addProperty("id", imageTokenId);
            }
        }
        for (int id = imageTokenId + 1; id < vocabulary; id++) {
            padded.getAsJsonArray("added_tokens").add(TokenizerForm.addedToken(filler(id), id, false));
        }
        return padded;
    }

    /** The same for a byte-level one, where runs of spaces are tokens of their own right behind {@code <image>}. */
    static JsonObject padWithRunsOfSpaces(JsonObject tokenizer, int imageTokenId, int vocabulary) {
        JsonObject padded = pad(tokenizer, imageTokenId, vocabulary);
        for (JsonElement token : padded.getAsJsonArray("added_tokens")) {
            int length = token.getAsJsonObject().get("id").getAsInt() - imageTokenId + 1;
            if (length >= 2 && length <= LONGEST_RUN_OF_SPACES) {
                token.getAsJsonObject().addProperty("content", " ".repeat(length));
            }
        }
        return padded;
    }

    private static void padVocabulary(JsonObject entries, int size) {
        if (entries.size() > size) {
            throw new IllegalArgumentException(
                    "vocabulary: " + entries.size() + " entries (expected: <= " + size + ")");
        }
        JsonElement formerImageId = entries.remove(IMAGE_TOKEN);
        entries.add(filler(formerImageId.getAsInt()), formerImageId);
        for (int id = entries.size(); id < size; id++) {
            entries.addProperty(filler(id), id);
        }
    }

    private static String filler(int id) {
        return "<unused" + id + ">";
    }
}
