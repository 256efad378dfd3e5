package sightline.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.model.ModelDirectory.Options;

/** Whichever code wrote a checkpoint, its tensors have the same names here. */
final class LayoutsTest {
    private static final String ORIGINAL = """
            {"model_type": "llava_gemma", "vocab_size": 16, "hidden_size": 8, "intermediate_size": 12,
             "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 4,
             "max_position_embeddings": 64, "mm_projector_type": "mlp2x_gelu", "mm_hidden_size": 8,
             "mm_vision_select_layer": -2, "image_aspect_ratio": "pad", "mm_vision_tower": "someone/clip-tiny"}""";
    private static final String TOWER = """
            {"model_type": "clip", "vision_config": {"hidden_size": 8, "intermediate_size": 12,
             "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 8, "patch_size": 4}}""";

    @TempDir
    private Path temp = Path.of("");

    @ParameterizedTest
    @CsvSource({"language_model.model.layers.3.mlp.up_proj.weight,language_model.model.layers.3.mlp.up_proj.weight",
        "model.language_model.layers.3.mlp.up_proj.weight,language_model.model.layers.3.mlp.up_proj.weight",
        "model.layers.3.mlp.up_proj.weight,language_model.model.layers.3.mlp.up_proj.weight",
        "model.embed_tokens.weight,language_model.model.embed_tokens.weight",
        "model.language_model.final_layernorm.bias,language_model.model.final_layernorm.bias",
        "model.final_layernorm.bias,language_model.model.final_layernorm.bias",
        "model.layers.3.self_attn.dense.bias,language_model.model.layers.3.self_attn.dense.bias",
        "lm_head.bias,language_model.lm_head.bias",
        "model.norm.weight,language_model.model.norm.weight", "lm_head.weight,language_model.lm_head.weight",
        "language_model.lm_head.weight,language_model.lm_head.weight",
        "vision_tower.vision_model.pre_layrnorm.bias,vision_tower.vision_model.pre_layrnorm.bias",
        "vision_tower.pre_layrnorm.bias,vision_tower.vision_model.pre_layrnorm.bias",
        "model.vision_tower.pre_layrnorm.bias,vision_tower.vision_model.pre_layrnorm.bias",
        "model.vision_tower.vision_tower.vision_model.pre_layrnorm.bias,"
                + "vision_tower.vision_model.pre_layrnorm.bias",
        "multi_modal_projector.linear_1.weight,multi_modal_projector.linear_1.weight",
        "model.multi_modal_projector.linear_1.weight,multi_modal_projector.linear_1.weight",
        "model.mm_projector.0.weight,multi_modal_projector.linear_1.weight",
        "model.mm_projector.2.bias,multi_modal_projector.linear_2.bias"})
    void storedNameHasOneCanonicalName(String stored, String canonical) {
        assertThat(TensorNames.canonical(stored)).contains(canonical);
    }

    @ParameterizedTest
    @ValueSource(strings = {"optimizer.state", "model.mm_projector.1.weight", "transformer.h.0.weight", ""})
    void nameOfNoLayoutHasNone(String stored) {
        assertThat(TensorNames.canonical(stored)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "{'model': {'vocab': {'a': 0, 'b': 7}}, 'added_tokens': []}|none|8",
        "{'added_tokens': [{'id': 9, 'content': '<image>', 'special': true}], 'model': {'vocab': {'a': 0}}}|9|10",
        "{'version': '1.0', 'x': {'y': [1]}, 'model': {'type': 'Unigram', 'vocab': [['a', 0.0], ['b', -1.5]]}}|none|2",
        "{}|none|0"})
    void tokenizerTellsItsIds(String tokenizer, String image, int pastTheLast) throws ModelProblem {
        var ids = TokenizerIds.read(tokenizer.replace('\'', '"'));

        assertThat(ids.imageToken().stream().mapToObj(Integer::toString).findFirst().orElse("none")).isEqualTo(image);
        assertThat(ids.pastTheLast()).isEqualTo(pastTheLast);
    }

    private Path models() {
        return temp.resolve("models");
    }

    private Path originalCheckpoint(UnaryOperator<String> config) throws ModelProblem, IOException {
        var checkpoint = new TinyCheckpoint(models().resolve("llava"));
        var directory = checkpoint.write();
        Files.delete(directory.resolve("preprocessor_config.json"));
        checkpoint.file("config.json", config.apply(ORIGINAL));
        checkpoint.weights("model.safetensors", shapes -> {
            shapes.keySet().removeIf(name -> name.startsWith("vision_tower."));
            TinyCheckpoint.renamed(name -> name.replace("language_model.", "")
                    .replace("multi_modal_projector.linear_1", "model.mm_projector.0")
                    .replace("multi_modal_projector.linear_2", "model.mm_projector.2")).accept(shapes);
        });
        return directory;
    }

    private Path tower(Path directory) throws ModelProblem {
        new TinyCheckpoint(directory).file("config.json", TOWER)
                .file("preprocessor_config.json", TinyCheckpoint.PREPROCESSOR)
                .weights("model.safetensors", shapes -> {
                    shapes.keySet().removeIf(name -> !name.startsWith("vision_tower."));
                    TinyCheckpoint.renamed(name -> name.replace("vision_tower.", "")).accept(shapes);
                    shapes.put("text_model.embeddings.token_embedding.weight", java.util.List.of(4L, 4L));
                });
        return directory;
    }

    @ParameterizedTest
    @ValueSource(strings = {"clip-tiny", "someone/clip-tiny", "llava/clip-tiny", "llava/someone/clip-tiny"})
    void towerIsFoundInOrBesideTheDirectory(String place) throws Exception {
        var directory = originalCheckpoint(c -> c);
        tower(models().resolve(place));

        var model = ModelDirectory.open(directory, Options.NONE);

        assertThat(model.config().preprocessing().padToSquare()).isTrue();
        assertThat(model.config().imageTokenId()).isEqualTo(1); // the tokenizer has one token
        assertThat(model.weights(StagePart.VISION).has("vision_tower.vision_model.pre_layrnorm.weight")).isTrue();
        assertThat(LlavaConfig.parse(model.files())).isEqualTo(model.config());
    }

    @ParameterizedTest
    @ValueSource(strings = {"llava_llama", "llava"})
    void llamaIsReadInTheOriginalLayoutToo(String modelType) throws Exception {
        var directory = originalCheckpoint(
                c -> c.replace("\"llava_gemma\"", "\"" + modelType + "\", \"tie_word_embeddings\": true"));
        tower(models().resolve("clip-tiny"));

        var model = ModelDirectory.open(directory, Options.NONE);

        assertThat(model.config().text().family()).isEqualTo(LanguageFamily.LLAMA);
        assertThat(model.config().text().activation()).isEqualTo(Activation.SILU);
    }

    @Test
    void towerCanBeGiven() throws Exception {
        var given = new Options(Optional.of(tower(models().resolve("elsewhere/tower"))), Optional.empty());

        assertThat(ModelDirectory.open(originalCheckpoint(c -> c), given).config().tokensPerImage()).isEqualTo(4);
    }

    @Test
    void missingTowerIsNamedWithThePlacesSearched() throws Exception {
        var directory = originalCheckpoint(c -> c);

        assertThatThrownBy(() -> ModelDirectory.open(directory, Options.NONE)).isInstanceOf(ModelProblem.class)
                .hasMessageContainingAll("vision tower someone/clip-tiny", models().resolve("clip-tiny").toString(),
                        "--vision-tower");
    }

    @Test
    void towerNameCannotLeadAway() throws Exception {
        tower(temp.resolve("outside"));
        var directory = originalCheckpoint(c -> c.replace("someone/clip-tiny", "../../outside"));

        assertThatThrownBy(() -> ModelDirectory.open(directory, Options.NONE)).isInstanceOf(ModelProblem.class)
                .hasMessageContaining("missing: vision tower");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"mlp2x_gelu|linear|mm_projector_type: linear (expected: mlp2x_gelu)",
        "\"pad\"|\"anyres\"|image_aspect_ratio: anyres (expected: pad or square)",
        "\"mm_hidden_size\": 8|\"mm_hidden_size\": 9|mm_hidden_size: 9 (expected: 8",
        "llava_gemma|llava_mpt|model_type: llava_mpt (expected: one of llava_gemma, llava_llama, llava_phi)"})
    void whatTheOriginalCodeCouldDoElseIsRefused(String from, String to, String told) throws Exception {
        tower(models().resolve("clip-tiny"));
        var directory = originalCheckpoint(c -> c.replace(from, to));

        assertThatThrownBy(() -> ModelDirectory.open(directory, Options.NONE)).isInstanceOf(ModelProblem.class)
                .hasMessageContaining(told);
    }

    @Test
    void towerInsideTheCheckpointWinsOverTheOneBeside() throws Exception {
        var directory = originalCheckpoint(c -> c);
        tower(models().resolve("clip-tiny"));
        new TinyCheckpoint(directory).weights("model.safetensors",
                TinyCheckpoint.renamed(name -> name.replace("language_model.", "")
                        .replace("multi_modal_projector.linear_1", "model.mm_projector.0")
                        .replace("multi_modal_projector.linear_2", "model.mm_projector.2")
                        .replace("vision_tower.", "model.vision_tower.vision_tower.")));

        var model = ModelDirectory.open(directory, Options.NONE);
        Files.delete(models().resolve("clip-tiny/model.safetensors"));

        try (var vision = model.weights(StagePart.VISION)) {
            assertThat(vision.get("vision_tower.vision_model.pre_layrnorm.weight").shape()).containsExactly(8L);
        }
    }
}
