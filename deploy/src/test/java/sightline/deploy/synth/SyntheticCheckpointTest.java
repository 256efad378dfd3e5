package sightline.deploy.synth;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sightline.deploy.Demo;

class SyntheticCheckpointTest {

    @TempDir
    Path directory;

    @Test
    void equalSeedsGiveEqualFilesAndOtherSeedsOtherWeights() throws IOException {
        Path first = write("first", 1);
        assertThat(first.resolve("model.safetensors"))
                .hasSameBinaryContentAs(write("second", 1).resolve("model.safetensors"));
        assertThat(Files.mismatch(first.resolve("model.safetensors"), write("third", 2).resolve("model.safetensors")))
                .isNotNegative();
    }

    @Test
    void headerAccountsForEveryByteOfTheFile() throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(write("model", 1).resolve("model.safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[(int) file.getLong()];
        file.get(header);
        long end = 0;
        for (JsonElement entry : JsonParser.parseString(new String(header, StandardCharsets.UTF_8))
                .getAsJsonObject()
                .asMap()
                .values()) {
            JsonElement offsets = entry.getAsJsonObject().get("data_offsets");
            if (offsets != null) {
                assertThat(offsets.getAsJsonArray().get(0).getAsLong()).isEqualTo(end);
                end = offsets.getAsJsonArray().get(1).getAsLong();
            }
        }
        assertThat(end).isEqualTo(file.remaining());
        assertThat(header.length % 8).isZero();
    }

    @Test
    void everyIdOfTheVocabularyIsOneToken() throws IOException {
        JsonObject tokenizer = json(write("model", 1).resolve("tokenizer.json"));
        Set<Integer> ids = new HashSet<>();
        JsonObject vocabulary = tokenizer.getAsJsonObject("model").getAsJsonObject("vocab");
        vocabulary.asMap().values().forEach(id -> assertThat(ids.add(id.getAsInt())).isTrue());
        assertThat(ids).hasSize(LlavaGemmaShape.TINY.imageTokenId()).hasSize(vocabulary.size());
        tokenizer.getAsJsonArray("added_tokens")
                .forEach(token -> ids.add(token.getAsJsonObject().get("id").getAsInt()));
        assertThat(ids).containsExactlyInAnyOrderElementsOf(
                IntStream.range(0, LlavaGemmaShape.TINY.text().vocabulary()).boxed().toList());
    }

    @Test
    void imageTokenStandsWhereTheConfigSays() throws IOException {
        Path model = write("model", 1);
        int configured = json(model.resolve("config.json")).get("image_token_index").getAsInt();
        assertThat(json(model.resolve("tokenizer.json")).getAsJsonArray("added_tokens")
                .asList()
                .stream()
                .map(JsonElement::getAsJsonObject)
                .filter(token -> token.get("content").getAsString().equals("<image>")))
                .singleElement()
                .satisfies(token -> assertThat(token.get("id").getAsInt()).isEqualTo(configured));
    }

    @Test
    void twoBillionHasThePublishedSize() {
        SyntheticCheckpoint checkpoint = new SyntheticCheckpoint(LlavaGemmaShape.TWO_BILLION, Demo.CHECKPOINT);
        // Gemma 2b with 256,064 rows: 2,506,303,488; CLIP ViT-L/14-336: 303,507,456; projector: 6,295,552.
        assertThat(checkpoint.weightBytes()).isEqualTo(2 * (2_506_303_488L + 303_507_456L + 6_295_552L));
    }

    private Path write(String name, long seed) throws IOException {
        Path model = directory.resolve(name);
        new SyntheticCheckpoint(LlavaGemmaShape.TINY, Demo.CHECKPOINT).write(model, seed, _ -> {});
        return model;
    }

    private static JsonObject json(Path file) throws IOException {
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }
}
