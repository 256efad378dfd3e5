package sightline.router.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import sightline.model.SmallFiles;
import sightline.router.text.DemoTokenizer;
import sightline.router.text.UnusableTokenizer;

/** What transformers makes of hard strings and conversations with the demo model's tokenizer. */
final class TextGolden {
    static final PromptEncoder.ImageToken IMAGE = new PromptEncoder.ImageToken(imageTokenId(), 1);

    private static final JsonNode GOLDEN = read(Path.of(System.getProperty("sightline.golden"), "text.json"));

    private TextGolden() {}

    static Stream<JsonNode> entries(String kind) {
        return StreamSupport.stream(GOLDEN.path(kind).spliterator(), false);
    }

    static int[] ids(JsonNode entry) {
        return StreamSupport.stream(entry.path("ids").spliterator(), false).mapToInt(JsonNode::asInt).toArray();
    }

    static List<Turn> turns(JsonNode entry) {
        return StreamSupport.stream(entry.path("messages").spliterator(), false)
                .map(message -> new Turn(
                        Turn.Role.valueOf(message.path("role").asText().toUpperCase(java.util.Locale.ROOT)),
                        StreamSupport.stream(message.path("parts").spliterator(), false)
                                .map(TextGolden::part)
                                .toList()))
                .toList();
    }

    /** The demo model's encoder with one row a picture, and with the named template in place of its own. */
    static PromptEncoder encoder(String template) throws UnusableTokenizer {
        return encoder(Map.of("chat_template.jinja", GOLDEN.path("templates").path(template).asText()));
    }

    /** @param replaced contents that win over the model's own files of these names */
    static PromptEncoder encoder(Map<String, String> replaced) throws UnusableTokenizer {
        var files = new HashMap<>(demoFiles());
        replaced.forEach((name, text) -> files.put(name, text.getBytes(StandardCharsets.UTF_8)));
        return PromptEncoder.open(SmallFiles.of(files), DemoTokenizer.file(), IMAGE);
    }

    private static Map<String, byte[]> demoFiles() {
        var demo = Path.of(System.getProperty("sightline.demo"));
        var files = new HashMap<String, byte[]>();
        try {
            for (var name : List.of("tokenizer_config.json", "processor_config.json"))
                files.put(name, Files.readAllBytes(demo.resolve(name)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return files;
    }

    private static Turn.Part part(JsonNode part) {
        return part.path("type").asText().equals("image")
                ? new Turn.Part.Picture()
                : new Turn.Part.Text(part.path("text").asText());
    }

    private static int imageTokenId() {
        return read(Path.of(System.getProperty("sightline.demo"), "config.json")).path("image_token_index").asInt();
    }

    private static JsonNode read(Path file) {
        try {
            return new JsonMapper().readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
