package sightline.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.model.ModelDirectory.Options;

final class ModelDirectoryTest {
    @TempDir
    private Path temp = Path.of("");

    private Path directory() {
        return temp.resolve("tiny");
    }

    private TinyCheckpoint checkpoint() {
        return new TinyCheckpoint(directory());
    }

    private static ModelDirectory open(Path directory) throws ModelProblem {
        return ModelDirectory.open(directory, Options.NONE);
    }

    private void assertRefused(String... told) {
        assertThatThrownBy(() -> open(directory())).isInstanceOf(ModelProblem.class)
                .hasMessageContainingAll(told);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemma-mqa", "gemma-mha-erf", "layout-v5", "layout-original-llava"})
    void everyPublishedLayoutIsReadWhole(String layout) throws ModelProblem {
        var model = open(Path.of(System.getProperty("sightline.golden"), layout, "checkpoint"));

        try (var language = model.weights(StagePart.LANGUAGE); var vision = model.weights(StagePart.VISION)) {
            var embedding = language.get("language_model.model.embed_tokens.weight");
            assertThat(embedding.bytes().byteSize()).isEqualTo(
                    (long) model.config().text().vocab() * model.config().text().hidden() * embedding.type().bytes());
            assertThat(vision.get("vision_tower.vision_model.pre_layrnorm.weight").shape())
                    .containsExactly((long) model.config().vision().hidden());
            assertThat(vision.names()).contains("multi_modal_projector.linear_2.bias")
                    .noneMatch(name -> name.startsWith("language_model."));
        }
    }

    @Test
    void demoModelIsReadWhole() throws ModelProblem {
        var model = open(Path.of(System.getProperty("sightline.demo")));

        assertThat(model.config().text().kvHeads()).isEqualTo(1);
        assertThat(model.served().getDigest()).hasSize(64);
        assertThat(model.files().names()).contains("config.json", "tokenizer.json");
    }

    @Test
    void tensorHoldsTheBytesOfItsFile() throws ModelProblem {
        var shapes = TinyCheckpoint.shapes();
        checkpoint().write();
        long before = 0;
        for (var shape : shapes.entrySet()) {
            if (shape.getKey().equals("multi_modal_projector.linear_1.weight"))
                break;
            before += shape.getValue().stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
        }

        try (var weights = open(directory()).weights(StagePart.VISION)) {
            var tensor = weights.get("multi_modal_projector.linear_1.weight");
            var elements = tensor.bytes().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
            assertThat(elements.get(0)).isEqualTo((short) before);
            assertThat(elements.remaining()).isEqualTo(64);
            assertThat(tensor.bytes().isReadOnly()).isTrue();
            assertThat(tensor.bytes().address() % 2).isZero();
            weights.release(tensor);
            assertThat(tensor.bytes().scope().isAlive()).isFalse();
        }
    }

    /** Safetensors headers may have any length. */
    @ParameterizedTest
    @ValueSource(strings = {"", " ", "  ", "   "})
    void tensorIsAlignedWhereverItsFilePutsIt(String padding) throws ModelProblem {
        checkpoint().write();
        var name = "vision_tower.vision_model.pre_layrnorm.weight";
        var file = new String(TinyCheckpoint.safetensors(TinyCheckpoint.shapes()), StandardCharsets.ISO_8859_1);
        int dataAt = file.indexOf("}}") + 2;
        checkpoint().bytes("model.safetensors", TinyCheckpoint.safetensors(file.substring(8, dataAt) + padding,
                file.substring(dataAt).getBytes(StandardCharsets.ISO_8859_1)));

        try (var weights = open(directory()).weights(StagePart.VISION)) {
            var bytes = weights.get(name).bytes();
            assertThat(bytes.address() % 2).isZero();
            assertThat(bytes.get(ValueLayout.JAVA_SHORT, 2) - bytes.get(ValueLayout.JAVA_SHORT, 0)).isEqualTo(1);
        }
    }

    @Test
    void fileCutShortAfterItWasCheckedIsNoticed() throws Exception {
        var model = open(checkpoint().write());
        try (var file = new RandomAccessFile(directory().resolve("model.safetensors").toFile(), "rw")) {
            file.setLength(file.length() - 2);
        }

        try (var weights = model.weights(StagePart.VISION)) {
            assertThatThrownBy(() -> weights.get(weights.names().getLast())).isInstanceOf(ModelProblem.class)
                    .hasMessageContaining("cut short");
        }
    }

    @Test
    void everyDifferenceIsToldInOneError() throws ModelProblem {
        checkpoint().write(_ -> {}, shapes -> {
            shapes.remove("language_model.model.norm.weight");
            shapes.remove("vision_tower.vision_model.encoder.layers.1.mlp.fc1.bias");
            shapes.put("language_model.model.layers.7.mlp.up_proj.weight", List.of(12L, 8L));
            shapes.put("multi_modal_projector.linear_1.weight", List.of(8L, 9L));
        });

        assertRefused("missing tensor: language_model.model.norm.weight",
                "missing tensor: vision_tower.vision_model.encoder.layers.1.mlp.fc1.bias",
                "unused tensor: language_model.model.layers.7.mlp.up_proj.weight in model.safetensors",
                "multi_modal_projector.linear_1.weight: shape: [8, 9] (expected: [8, 8])");
    }

    @Test
    void copyOfTheTiedHeadIsAcceptedAndNotCounted() throws ModelProblem {
        checkpoint().write();
        long parameters = open(directory()).parameters();
        checkpoint().weights("model.safetensors",
                shapes -> shapes.put("language_model.lm_head.weight", List.of(16L, 8L)));

        var model = open(directory());

        assertThat(model.parameters()).isEqualTo(parameters);
        assertThat(model.weights(StagePart.LANGUAGE).has("language_model.lm_head.weight")).isFalse();
    }

    @Test
    void untiedHeadIsRequired() throws ModelProblem {
        checkpoint().write(c -> c.withObject("/text_config").put("tie_word_embeddings", false), _ -> {});

        assertRefused("missing tensor: language_model.lm_head.weight");
    }

    @Test
    void buffersOfOldFilesAreLeftAlone() throws ModelProblem {
        checkpoint().write(_ -> {}, shapes -> {
            shapes.put("vision_tower.vision_model.embeddings.position_ids", List.of(1L, 5L));
            shapes.put("language_model.model.layers.0.self_attn.rotary_emb.inv_freq", List.of(2L));
        });

        assertThat(open(directory()).parameters()).isPositive();
    }

    @Test
    void weightsThatTheEngineCannotReadAreRefusedByType() throws ModelProblem {
        checkpoint().write();
        var header = "{\"language_model.model.norm.weight\":{\"dtype\":\"I64\",\"shape\":[8],\"data_offsets\":[0,64]}}";
        checkpoint().bytes("model.safetensors", TinyCheckpoint.safetensors(header, new byte[64]));

        assertRefused("tensor language_model.model.norm.weight: dtype: I64 (expected: F32, BF16 or F16)");
    }

    @Test
    void digestIsOfTheContentAlone() throws Exception {
        var first = open(checkpoint().write());
        var second = open(new TinyCheckpoint(temp.resolve("elsewhere")).write());

        assertThat(second.digest()).isEqualTo(first.digest());
        assertThat(second.name()).isEqualTo("elsewhere");
        var weights = directory().resolve("model.safetensors");
        var changed = Files.readAllBytes(weights);
        changed[changed.length - 1] ^= 1;
        Files.write(weights, changed);
        assertThat(open(directory()).digest()).isNotEqualTo(first.digest());
        checkpoint().write();
        checkpoint().file("generation_config.json", "{\"eos_token_id\": 3}");
        assertThat(open(directory()).digest()).isNotEqualTo(first.digest());
    }

    @Test
    void nameCanBeGiven() throws ModelProblem {
        checkpoint().write();

        assertThat(ModelDirectory.open(directory(), new Options(Optional.empty(), Optional.of("shapes")))
                .served()
                .getName()).isEqualTo("shapes");
    }

    @Test
    void whatIsMissingIsNamed() throws Exception {
        assertRefused("no such directory");
        checkpoint().write();
        for (String file : List.of("config.json", "tokenizer.json", "model.safetensors", "preprocessor_config.json")) {
            var content = Files.readAllBytes(directory().resolve(file));
            Files.delete(directory().resolve(file));
            assertRefused("missing: ", file);
            Files.write(directory().resolve(file), content);
        }
        assertThat(open(directory()).name()).isEqualTo("tiny");
    }

    @Test
    void pickledWeightsAreRefusedInWords() throws IOException, ModelProblem {
        checkpoint().write();
        Files.delete(directory().resolve("model.safetensors"));
        checkpoint().file("pytorch_model.bin", "PK");

        assertRefused("safetensors only");
    }

    @Test
    void checkTellsWhatADirectoryIs() throws ModelProblem {
        checkpoint().write();

        assertThat(ModelCheck.of(directory(), Options.NONE, _ -> Optional.empty()))
                .asInstanceOf(type(ModelCheck.Good.class))
                .satisfies(good -> {
                    assertThat(good.tokensPerImage()).isEqualTo(4);
                    assertThat(good.contextLength()).isEqualTo(64);
                    assertThat(good.dtype()).isEqualTo("bfloat16");
                    assertThat(good.visionBytes() + good.languageBytes()).isEqualTo(2 * good.parameters());
                });
        assertThat(ModelCheck.of(temp.resolve("nowhere"), Options.NONE, _ -> Optional.empty()))
                .isInstanceOf(ModelCheck.Bad.class);
    }
}
