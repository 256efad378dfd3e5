package sightline.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sightline.model.ImageProcessorConfig.Resize;
import sightline.model.ImageProcessorConfig.Size;

/** What configuration files mean, and what is refused in them. */
final class LlavaConfigTest {
    private static final int FUZZED = 20_000;

    private static SmallFiles files(String... namesAndTexts) {
        var files = new HashMap<String, byte[]>();
        files.put("config.json", TinyCheckpoint.CONFIG.getBytes(StandardCharsets.UTF_8));
        files.put("preprocessor_config.json", TinyCheckpoint.PREPROCESSOR.getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < namesAndTexts.length; i += 2)
            files.put(namesAndTexts[i], namesAndTexts[i + 1].replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        return SmallFiles.of(files);
    }

    private static LlavaConfig changed(Consumer<ObjectNode> change) throws ModelProblem {
        var config = TinyCheckpoint.json(TinyCheckpoint.CONFIG);
        change.accept(config);
        return LlavaConfig.parse(files("config.json", config.toString()));
    }

    private static void assertRefused(Consumer<ObjectNode> change, String... told) {
        assertThatThrownBy(() -> changed(change)).isInstanceOf(ModelProblem.class).hasMessageContainingAll(told);
    }

    /** The values of GemmaConfig() and CLIPVisionConfig() in transformers 4.57.6. */
    @Test
    void absentFieldsMeanWhatTransformersTakes() throws ModelProblem {
        var config = LlavaConfig.parse(files("config.json", """
                {'model_type': 'llava', 'text_config': {'model_type': 'gemma'}, 'vision_config': {}}""",
                "preprocessor_config.json", "{}"));

        assertThat(config.text())
                .isEqualTo(new TextConfig(LanguageFamily.GEMMA, 256_000, 3072, 24_576, 28, 16, 16, 256, 256,
                        8192, 1e-6, 10_000, RopeScaling.NONE, Activation.GELU_TANH, true));
        assertThat(config.vision()).isEqualTo(
                new VisionConfig(VisionFamily.CLIP, 768, 3072, 12, 12, 224, 224, 32, 1e-5, Activation.QUICK_GELU));
        assertThat(config.imageTokenId()).isEqualTo(32_000);
        assertThat(config.featureLayers()).containsExactly(-2);
        assertThat(config.selectStrategy()).isEqualTo(SelectStrategy.DEFAULT);
        assertThat(config.projectorActivation()).isEqualTo(Activation.GELU_ERF);
        assertThat(config.dtype()).isEqualTo(StoredType.F32);
        assertThat(config.preprocessing().resize()).isEqualTo(new Resize.ShortestEdge(224));
        assertThat(config.preprocessing().crop()).contains(new Size(224, 224));
        assertThat(config.preprocessing().rescaleFactor()).isEqualTo(1 / 255.0);
        assertThat(config.preprocessing().mean()).containsExactly(0.48145466, 0.4578275, 0.40821073);
    }

    /** The values of LlamaConfig() and PhiConfig() in transformers 4.57.6. */
    @Test
    void absentFieldsOfOtherFamiliesMeanWhatTransformersTakes() throws ModelProblem {
        assertThat(text("'model_type': 'llama'")).isEqualTo(new TextConfig(LanguageFamily.LLAMA, 32_000, 4096, 11_008,
                32, 32, 32, 128, 128, 2048, 1e-6, 10_000, RopeScaling.NONE, Activation.SILU, false));
        assertThat(text("'model_type': 'phi'")).isEqualTo(new TextConfig(LanguageFamily.PHI, 51_200, 2048, 8192, 24, 32,
                32, 64, 32, 2048, 1e-5, 10_000, RopeScaling.NONE, Activation.GELU_TANH, false));
    }

    @Test
    void ropeOfVersion5IsNested() throws ModelProblem {
        var phi = text("'model_type': 'phi', 'rope_parameters': {'rope_theta': 500, 'partial_rotary_factor': 0.25}");
        assertThat(phi.ropeTheta()).isEqualTo(500);
        assertThat(phi.rotaryDim()).isEqualTo(16);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "'model_type': 'phi', 'qk_layernorm': true|qk_layernorm: true",
        "'model_type': 'phi', 'partial_rotary_factor': 0.01|partial_rotary_factor: 0.01",
        "'model_type': 'llama', 'mlp_bias': true|mlp_bias: true",
        "'model_type': 'llama', 'attention_bias': true|attention_bias: true",
        "'model_type': 'llama', 'rope_scaling': {'type': 'linear'}|factor: nothing",
        "'model_type': 'llama', 'rope_scaling': {'type': 'dynamic', 'factor': 4}|rope_type: dynamic (expected: default, linear",
        "'model_type': 'llama', 'rope_parameters': {'rope_type': 'yarn', 'factor': 4}|rope_type: yarn (expected: default, linear",
        "'model_type': 'llama', 'rope_scaling': {'rope_type': 'llama3', 'factor': 8, 'low_freq_factor': 4, 'high_freq_factor': 4, 'original_max_position_embeddings': 64}|high_freq_factor: 4.0",
        "'model_type': 'phi', 'rope_scaling': {'type': 'linear', 'factor': 4}|rope_type: linear (expected: default)"})
    void whatADecoderCannotDoIsRefused(String text, String told) {
        assertThatThrownBy(() -> text(text)).isInstanceOf(ModelProblem.class).hasMessageContaining(told);
    }

    private static TextConfig text(String fields) throws ModelProblem {
        return LlavaConfig.parse(files("config.json",
                "{'model_type': 'llava', 'text_config': {" + fields + "}, 'vision_config': {}}",
                "preprocessor_config.json", "{}")).text();
    }

    @Test
    void absentTowerIsTheOneOfLlava() throws ModelProblem {
        var config = LlavaConfig.parse(files("config.json", """
                {'model_type': 'llava', 'text_config': {'model_type': 'gemma'}}""", "preprocessor_config.json", """
                {'size': 336, 'crop_size': 336}"""));

        assertThat(config.tokensPerImage()).isEqualTo(576);
        assertThat(config.preprocessing().resize()).isEqualTo(new Resize.ShortestEdge(336));
        assertThat(config.preprocessing().crop()).contains(new Size(336, 336));
    }

    @ParameterizedTest
    @CsvSource({"gelu,GELU_ERF", "gelu_pytorch_tanh,GELU_TANH", "gelu_new,GELU_TANH", "silu,SILU"})
    void hiddenActMeansWhatItMeantIn4(String written, Activation expected) throws ModelProblem {
        assertThat(changed(c -> c.withObject("/text_config").put("hidden_act", written)).text().activation())
                .isEqualTo(expected);
    }

    @Test
    void hiddenActivationIsNotRead() throws ModelProblem {
        assertThat(changed(c -> c.withObject("/text_config")
                .put("hidden_act", "gelu")
                .put("hidden_activation",
                        "gelu_pytorch_tanh"))
                .text()
                .activation()).isEqualTo(Activation.GELU_ERF);
    }

    @Test
    void positionsOfDinov2AreGoodForPicturesOfAnotherSize() throws ModelProblem {
        var tower = LlavaConfig.parse(files("config.json", """
                {'model_type': 'llava', 'text_config': {'model_type': 'gemma'},
                 'vision_config': {'model_type': 'dinov2', 'image_size': 518}}""", "preprocessor_config.json", """
                {'size': 336, 'crop_size': 336}""")).vision();
        assertThat(tower.imageSize()).isEqualTo(336);
        assertThat(tower.rows()).isEqualTo(1 + 24 * 24);
        assertThat(tower.positions()).isEqualTo(1 + 37 * 37);
    }

    @Test
    void scalingOfLlamaIsReadInBothPlaces() throws ModelProblem {
        assertThat(text("'model_type': 'llama', 'rope_scaling': {'type': 'linear', 'factor': 4}").ropeScaling())
                .isEqualTo(new RopeScaling.Linear(4));
        var llama3 = "'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1.0, 'high_freq_factor': 4.0, "
                + "'original_max_position_embeddings': 8192";
        for (var section : List.of("rope_scaling", "rope_parameters"))
            assertThat(text("'model_type': 'llama', '" + section + "': {" + llama3 + "}").ropeScaling())
                    .isEqualTo(new RopeScaling.Llama3(8, 1, 4, 8192));
    }

    @Test
    void ropeBaseIsReadInBothPlaces() throws ModelProblem {
        assertThat(changed(c -> c.withObject("/text_config").put("rope_theta", 5000)).text().ropeTheta())
                .isEqualTo(5000);
        assertThat(changed(c -> c.withObject("/text_config/rope_parameters")
                .put("rope_theta", 7000.0)
                .put("rope_type", "default")).text().ropeTheta()).isEqualTo(7000);
        assertRefused(c -> c.withObject("/text_config/rope_scaling").put("type", "linear").put("factor", 2),
                "rope_type: linear (expected: default)");
    }

    @Test
    void dtypeIsReadUnderBothNames() throws ModelProblem {
        assertThat(changed(c -> c.put("torch_dtype", "float16")).dtype()).isEqualTo(StoredType.F16);
        assertThat(changed(c -> {
            c.remove("torch_dtype");
            c.put("dtype", "bfloat16");
        }).dtype()).isEqualTo(StoredType.BF16);
    }

    @Test
    void featureLayersMayBeSeveral() throws ModelProblem {
        var config = changed(c -> {
            c.putArray("vision_feature_layer").add(1).add(-1);
            c.put("vision_feature_select_strategy", "full");
        });

        assertThat(config.featureLayers()).containsExactly(1, -1);
        assertThat(config.projectorInput()).isEqualTo(16);
        assertThat(config.tokensPerImage()).isEqualTo(5);
    }

    @Test
    void everythingThatIsWrongIsToldInOneError() {
        assertRefused(c -> {
            c.withObject("/text_config")
                    .put("hidden_size", 1_000_000_000)
                    .put("num_hidden_layers", -1)
                    .put("num_key_value_heads", "one")
                    .put("hidden_act", "tanhish");
            c.withObject("/vision_config").put("patch_size", 0).put("layer_norm_eps", 0);
            c.put("vision_feature_layer", -9);
        }, "text_config.hidden_size: 1000000000 (expected: a whole number, 1..65536)",
                "text_config.num_hidden_layers: -1 (expected: a whole number, 1..1024)",
                "text_config.num_key_value_heads: \"one\"", "text_config.hidden_act: tanhish (expected: gelu,",
                "vision_config.patch_size: 0", "vision_config.layer_norm_eps: 0", "vision feature layer: -9");
    }

    @Test
    void otherFamiliesAreRefusedByName() {
        assertRefused(c -> c.withObject("/text_config").put("model_type", "mistral"),
                "model_type: mistral (expected: one of gemma, llama, phi)");
        assertRefused(c -> c.withObject("/vision_config").put("model_type", "vit"),
                "model_type: vit (expected: ");
        assertRefused(c -> c.put("model_type", "llava_next"), "model_type: llava_next");
        assertRefused(c -> c.withObject("/text_config").put("attention_bias", true), "attention_bias: true");
    }

    @Test
    void brokenJsonIsToldWithItsFile() {
        for (String text : List.of("", "{", "[]", "{\"a\": 1, \"a\": 2}", "{} {}", "[".repeat(100_000)))
            assertThatThrownBy(() -> LlavaConfig.parse(files("config.json", text))).isInstanceOf(ModelProblem.class)
                    .hasMessageStartingWith("config.json: ");
    }

    /** Whatever stands in the files: a configuration, or a refusal in words. */
    @Test
    void mutatedFilesNeverDoWorseThanBeRefused() {
        long seed = Long.getLong("seed", 20_260_102);
        var random = new Random(seed);
        var values = List.of("-1", "0", "1e400", "3.5", "99999999999999999999", "null", "true", "\"text\"", "[]", "{}",
                "[[1]]", "\"\\ud800\"");
        int refused = 0;
        for (int i = 0; i < FUZZED; i++) {
            var value = values.get(random.nextInt(values.size()));
            var config = random.nextBoolean() ? replaced(TinyCheckpoint.CONFIG, value, random) : TinyCheckpoint.CONFIG;
            var preprocessor = replaced(TinyCheckpoint.PREPROCESSOR, value, random);
            try {
                assertThat(LlavaConfig.parse(files("config.json", config, "preprocessor_config.json", preprocessor))
                        .tokensPerImage()).as("seed %d, round %d", seed, i).isPositive();
            } catch (ModelProblem e) {
                assertThat(e.problems()).as("seed %d, round %d", seed, i).isNotEmpty();
                refused++;
            }
        }
        assertThat(refused).as("seed %d", seed).isBetween(FUZZED / 4, FUZZED - 1);
    }

    /** One of the values in the text becomes another. */
    private static String replaced(String json, String value, Random random) {
        var places = Pattern.compile("(?<=: )(\"[a-z0-9_]+\"|\\d+|\\{[^{}]*\\})").matcher(json).results().toList();
        var place = places.get(random.nextInt(places.size()));
        return json.substring(0, place.start()) + value + json.substring(place.end());
    }

    @Test
    void imageProcessorIsFoundInEitherFile() throws ModelProblem {
        var own = LlavaConfig.parse(files()).preprocessing();
        var nested = LlavaConfig.parse(SmallFiles.of(Map.of("config.json",
                TinyCheckpoint.CONFIG.getBytes(StandardCharsets.UTF_8), "processor_config.json",
                ("{\"image_processor\": " + TinyCheckpoint.PREPROCESSOR + "}").getBytes(StandardCharsets.UTF_8))))
                .preprocessing();

        assertThat(nested).isEqualTo(own);
        assertThat(nested.digest()).isEqualTo(own.digest());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "{'resample': 2, 'size': 8, 'crop_size': 8}|resample: 2 (expected: 3, which is bicubic)",
        "{'image_processor_type': 'ViTImageProcessor', 'size': 8, 'crop_size': 8}|ViTImageProcessor",
        "{'size': 8, 'crop_size': 9}|expected: Size[height=8, width=8], the vision tower's image_size",
        "{'size': 8, 'do_center_crop': false}|pictures of any size",
        "{'size': {'longest_edge': 8}, 'crop_size': 8}|size.height: missing",
        "{'size': 8, 'crop_size': 8, 'image_std': [0, 1, 1]}|image_std: [0.0, 1.0, 1.0] (expected: numbers above 0)",
        "{'size': 8, 'crop_size': 8, 'image_mean': [0, 1]}|image_mean: [0,1] (expected: 3 numbers)"})
    void preprocessingThatWouldNotFitIsRefused(String preprocessor, String told) {
        assertThatThrownBy(() -> LlavaConfig.parse(files("preprocessor_config.json", preprocessor)))
                .isInstanceOf(ModelProblem.class)
                .hasMessageContaining(told);
    }

    @Test
    void preprocessingCanBeSwitchedOffStepByStep() throws ModelProblem {
        var config = LlavaConfig.parse(files("preprocessor_config.json", """
                {'size': {'height': 8, 'width': 8}, 'do_center_crop': false, 'do_rescale': false, 'do_normalize': false,
                 'do_pad': true, 'image_processor_type': 'LlavaImageProcessor'}""")).preprocessing();

        assertThat(config)
                .isEqualTo(new ImageProcessorConfig(true, new Resize.Exact(new Size(8, 8)), Optional.empty(), 1,
                        List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)));
    }

    @Test
    void digestOfPreprocessingChangesWithEachSetting() throws ModelProblem {
        var digests = new java.util.ArrayList<String>();
        for (String text : List.of("{'size': 8, 'crop_size': 8}", "{'size': 9, 'crop_size': 8}",
                "{'size': 8, 'crop_size': 8, 'do_pad': true}", "{'size': 8, 'crop_size': 8, 'rescale_factor': 0.5}",
                "{'size': 8, 'crop_size': 8, 'image_std': [1, 1, 1]}",
                "{'size': 8, 'crop_size': 8, 'do_resize': false}"))
            digests.add(LlavaConfig.parse(files("preprocessor_config.json", text)).preprocessing().digest().hex());

        assertThat(digests).doesNotHaveDuplicates();
    }
}
