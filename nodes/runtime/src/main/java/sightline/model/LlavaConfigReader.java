package sightline.model;

import java.util.List;
import java.util.Optional;
import sightline.model.ImageProcessorConfig.Resize;
import sightline.model.ImageProcessorConfig.Size;

/** Reads either of the two kinds of configuration: transformers' nested one, and the original LLaVA code's flat one. */
final class LlavaConfigReader {
    private static final int LLAMA_IMAGE_TOKEN = 32_000; // LlavaConfig's image_token_index

    private final SmallFiles files;
    private final Problems problems;
    private final JsonSection config;

    private LlavaConfigReader(SmallFiles files, Problems problems, JsonSection config) {
        this.files = files;
        this.problems = problems;
        this.config = config;
    }

    static LlavaConfig read(SmallFiles files) throws ModelProblem {
        var problems = new Problems();
        var config = JsonSection.file(files, "config.json", problems)
                .orElseThrow(() -> new ModelProblem("missing: config.json"));
        problems.throwIfAny();
        var reader = new LlavaConfigReader(files, problems, config);
        var llava = OriginalLayout.describes(config) ? reader.original() : reader.published();
        reader.check(llava);
        problems.throwIfAny();
        return llava;
    }

    private LlavaConfig published() throws ModelProblem {
        var type = config.text("model_type").orElse("none");
        if (!type.equals("llava"))
            throw new ModelProblem("config.json: model_type: " + type + " (expected: llava, or an original "
                    + "LLaVA configuration with mm_vision_tower)");
        var text = config.section("text_config")
                .orElseThrow(() -> new ModelProblem("config.json: text_config: missing (expected: a language model)"));
        var family = family(text);
        var preprocessing = ImageProcessorReader.read(imageProcessor(), false);
        return new LlavaConfig(TextConfigReader.read(family, text), forPictures(vision(), preprocessing),
                config.activation("projector_hidden_act", Activation.GELU_ERF),
                config.flag("multimodal_projector_bias", true), imageToken(),
                config.integers("vision_feature_layer", List.of(-2), -1024, 1024), strategy(),
                preprocessing, StoredType.declared(config, text),
                GenerationDefaults.read(generationFile(), text, family));
    }

    private LlavaConfig original() throws ModelProblem {
        var layout = new OriginalLayout(config, files, problems);
        var vision = layout.vision();
        var family = layout.family();
        return new LlavaConfig(TextConfigReader.read(family, config), vision, Activation.GELU_ERF, true,
                layout.imageTokenId(),
                config.integers("mm_vision_select_layer", List.of(-2), -1024, 1024), layout.strategy(),
                layout.preprocessing(), StoredType.declared(config, config),
                GenerationDefaults.read(generationFile(), config, family));
    }

    private static LanguageFamily family(JsonSection text) throws ModelProblem {
        var type = text.text("model_type").orElse("llama"); // what transformers takes
        return LanguageFamily.ofModelType(type)
                .orElseThrow(
                        () -> new ModelProblem("config.json: text_config.model_type: " + type + " (expected: one of "
                                + LanguageFamily.modelTypes() + ")"));
    }

    private VisionConfig vision() throws ModelProblem {
        var vision = config.section("vision_config");
        if (vision.isEmpty())
            return VisionConfig.clipLarge336();
        var type = vision.get().text("model_type").orElse("clip_vision_model");
        var family = VisionFamily.ofModelType(type)
                .orElseThrow(() -> new ModelProblem("config.json: vision_config.model_type: " + type
                        + " (expected: one of " + VisionFamily.modelTypes() + ")"));
        return VisionConfig.read(family, vision.get());
    }

    private static VisionConfig forPictures(VisionConfig vision, ImageProcessorConfig preprocessing) {
        return pixels(preprocessing).filter(_ -> vision.family().interpolatesPositions())
                .filter(pixels -> pixels.height() == pixels.width() && pixels.height() >= vision.patchSize())
                .map(pixels -> vision.forPictures(pixels.height()))
                .orElse(vision);
    }

    private int imageToken() {
        int written = config.integer("image_token_id", LLAMA_IMAGE_TOKEN, 0, 1 << 22);
        return config.integer("image_token_index", written, 0, 1 << 22);
    }

    private SelectStrategy strategy() {
        var name = config.text("vision_feature_select_strategy").orElse("default");
        return switch (name) {
            case "default" -> SelectStrategy.DEFAULT;
            case "full" -> SelectStrategy.FULL;
            default -> {
                config.problem("vision_feature_select_strategy", name, "default or full");
                yield SelectStrategy.DEFAULT;
            }
        };
    }

    /** 4.x reads preprocessor_config.json; 5.x has only processor_config.json with the same inside. */
    private JsonSection imageProcessor() throws ModelProblem {
        var own = JsonSection.file(files, "preprocessor_config.json", problems);
        if (own.isPresent())
            return own.get();
        return JsonSection.file(files, "processor_config.json", problems)
                .flatMap(p -> p.section("image_processor"))
                .orElseThrow(() -> new ModelProblem(
                        "missing: preprocessor_config.json, or image_processor in processor_config.json"));
    }

    private Optional<JsonSection> generationFile() {
        return JsonSection.file(files, "generation_config.json", problems);
    }

    private void check(LlavaConfig llava) {
        int states = llava.vision().layers() + 1;
        for (int layer : llava.featureLayers())
            if (layer < -states || layer >= states)
                config.problem("vision feature layer", layer, -states + ".." + (states - 1));
        if (llava.featureLayers().isEmpty())
            config.problem("vision feature layer", "none", "at least one");
        var pixels = pixels(llava.preprocessing());
        var tower = new Size(llava.vision().imageSize(), llava.vision().imageSize());
        if (!pixels.equals(Optional.of(tower)))
            problems.add("image preprocessing makes", pixels.map(Object::toString).orElse("pictures of any size"),
                    tower + ", the vision tower's image_size");
    }

    /** The size that every picture ends with, if it is one. */
    private static Optional<Size> pixels(ImageProcessorConfig preprocessing) {
        if (preprocessing.crop().isPresent())
            return preprocessing.crop();
        return switch (preprocessing.resize()) {
            case Resize.Exact(Size size) -> Optional.of(size);
            case Resize.ShortestEdge(int edge) when preprocessing.padToSquare() -> Optional.of(new Size(edge, edge));
            case Resize.ShortestEdge _,Resize.Keep _ -> Optional.empty();
        };
    }
}
