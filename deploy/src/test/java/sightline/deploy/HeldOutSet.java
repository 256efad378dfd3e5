package sightline.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import java.util.zip.ZipFile;

/** Questions about scenes that the demo model was not trained on, with what transformers answers to them. */
public record HeldOutSet(List<Item> items) {
    /**
     * One question.
     *
     * @param right what the scene's maker knows
     * @param goldenIds ids that transformers generates in float32, the end of the turn included
     * @param minMargin the smallest gap between the two best logits over those steps
     */
    public record Item(String name, ByteString picture, String kind, String question, String right, String goldenText,
            List<Integer> goldenIds, double minMargin) {}

    public static HeldOutSet read() throws IOException {
        var json = new ObjectMapper();
        var pictures = pictures();
        try (var lines = Files.lines(Demo.file("golden-answers.jsonl"))) {
            return new HeldOutSet(lines.map(line -> item(parse(json, line), pictures)).toList());
        }
    }

    /** The share of questions that transformers answers rightly in float32. */
    double goldenAccuracy() {
        return (double) items.stream().filter(item -> item.goldenText().equals(item.right())).count() / items.size();
    }

    private static Map<String, ByteString> pictures() throws IOException {
        Map<String, ByteString> pictures = new HashMap<>();
        try (var zip = new ZipFile(Demo.file("held-out.zip").toFile())) {
            for (var entry : zip.stream().filter(file -> file.getName().endsWith(".png")).toList()) {
                try (var bytes = zip.getInputStream(entry)) {
                    pictures.put(entry.getName(), ByteString.readFrom(bytes));
                }
            }
        }
        return pictures;
    }

    private static JsonNode parse(ObjectMapper json, String line) {
        try {
            return json.readTree(line);
        } catch (IOException e) {
            throw new IllegalStateException("golden-answers.jsonl: " + line, e);
        }
    }

    private static Item item(JsonNode line, Map<String, ByteString> pictures) {
        String name = line.get("picture").asText();
        var ids = StreamSupport.stream(line.get("golden_ids").spliterator(), false).map(JsonNode::asInt).toList();
        return new Item(name, pictures.getOrDefault(name, ByteString.EMPTY), line.get("kind").asText(),
                line.get("question").asText(), line.get("answer").asText(), line.get("golden_text").asText(), ids,
                line.get("min_margin").asDouble());
    }
}
