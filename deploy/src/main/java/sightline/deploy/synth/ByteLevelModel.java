package sightline.deploy.synth;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** The merges of a SentencePiece-like model as those of a byte-level one, whose letters stand for bytes. */
// https://github.com/openai/gpt-2/blob/9b63575ef42771a015060c964af2c3da4cf7c8ab/src/encoder.py#L9-L28
final class ByteLevelModel {

    private static final char SPACE_MARK = '\u2581';
    private static final int FIRST_OTHER_LETTER = 256;

    private ByteLevelModel() {}

    /** First the given entries, then a letter for every byte, then what the merges of printable ASCII and spaces make. */
    static JsonObject of(JsonObject pieces, String... first) {
        JsonObject vocabulary = new JsonObject();
        for (String content : first) {
            vocabulary.addProperty(content, vocabulary.size());
        }
        int other = FIRST_OTHER_LETTER;
        for (int value = 0; value < 256; value++) {
            boolean itself = (value > ' ' && value < 0x7f) || (value > 0xa0 && value != 0xad);
            vocabulary.addProperty(Character.toString(itself ? value : other++), vocabulary.size());
        }
        JsonArray merges = new JsonArray();
        for (JsonElement merge : pieces.getAsJsonArray("merges")) {
            add(merge.getAsJsonArray(), vocabulary, merges);
        }
        JsonObject model = new JsonObject();
        model.addProperty("type", "BPE");
        model.add("vocab", vocabulary);
        model.add("merges", merges);
        return model;
    }

    private static void add(JsonArray merge, JsonObject vocabulary, JsonArray merges) {
        String left = letters(merge.get(0).getAsString());
        String right = letters(merge.get(1).getAsString());
        if (vocabulary.has(left) && vocabulary.has(right) && !vocabulary.has(left + right)) {
            vocabulary.addProperty(left + right, vocabulary.size());
            JsonArray pair = new JsonArray();
            pair.add(left);
            pair.add(right);
            merges.add(pair);
        }
    }

    /** A space is the 33rd byte, and so the 33rd letter that is not itself; what is beyond ASCII becomes no entry. */
    private static String letters(String piece) {
        String spaced = piece.replace(SPACE_MARK, (char) (FIRST_OTHER_LETTER + ' '));
        boolean ascii = piece.chars().allMatch(c -> c == SPACE_MARK || (c > ' ' && c < 0x7f));
        return ascii ? spaced : "";
    }
}
