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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
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

    @ParameterizedTest
    @EnumSource
    void everyIdOfTheVocabularyIsOneToken(Preset preset) throws IOException {
        JsonObject tokenizer = json(write(preset, "model", 1).resolve("tokenizer.json"));
        Set<Integer> ids = new HashSet<>();
        JsonObject vocabulary = tokenizer.getAsJsonObject("model").getAsJsonObject("vocab");
        vocabulary.asMap().values().forEach(id -> assertThat(ids.add(id.getAsInt())).isTrue());
        assertThat(ids).hasSize(preset.tiny().imageTokenId()).hasSize(vocabulary.size());
        tokenizer.getAsJsonArray("added_tokens")
                .forEach(token -> ids.add(token.getAsJsonObject().get("id").getAsInt()));
        assertThat(ids).containsExactlyInAnyOrderElementsOf(
                IntStream.range(0, preset.tiny().text().vocabulary()).boxed().toList());
    }

    @ParameterizedTest
    @EnumSource
    void imageTokenStandsWhereTheConfigSays(Preset preset) throws IOException {
        Path model = write(preset, "model", 1);
        int configured = json(model.resolve("config.json")).get("image_token_index").getAsInt();
        assertThat(json(model.resolve("tokenizer.json")).getAsJsonArray("added_tokens")
                .asList()
                .stream()
                .map(JsonElement::getAsJsonObject)
                .filter(token -> token.get("content").getAsString().equals("<image>")))
                .singleElement()
                .satisfies(token -> assertThat(token.get("id").getAsInt()).isEqualTo(configured));
    }

    /**
     * CLIP ViT-L/14-336 has 303,507,456 parameters, a projector from 1024 to n columns 1025 n + (n + 1) n; decoders as
     * published, with the rows that LLaVA adds to the embedding (and to Llama's head).
     */
    @ParameterizedTest
    @CsvSource({"LLAVA_GEMMA_2B,2506303488,2048", "LLAVA_GEMMA_7B,8537877504,3072", "LLAVA_PHI_2,2779683840,2560",
        "LLAVA_1_5_7B,6738939904,4096"})
    void publishedOnesHaveThePublishedSize(Preset preset, long decoder, long hidden) {
        long projector = 1025 * hidden + (hidden + 1) * hidden;
        assertThat(SyntheticCheckpoint.published(preset, Demo.CHECKPOINT).weightBytes())
                .isEqualTo(2 * (decoder + 303_507_456L + projector));
    }

    private Path write(String name, long seed) throws IOException {
        return write(Preset.LLAVA_GEMMA_2B, name, seed);
    }

    private Path write(Preset preset, String name, long seed) throws IOException {
        Path model = directory.resolve(name);
        SyntheticCheckpoint.tiny(preset, Demo.CHECKPOINT).write(model, seed, _ -> {});
        return model;
    }

    private static JsonObject json(Path file) throws IOException {
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }
}
