package sightline.model;

/**
 * What is peculiar to a checkpoint of the original LLaVA code: one flat configuration whose picture part is named
 * {@code mm_…}, and a vision tower that lies elsewhere.
 */
final class OriginalLayout {
    static final String TOWER = "vision_tower/";

    private final JsonSection config;
    private final SmallFiles files;
    private final Problems problems;

    OriginalLayout(JsonSection config, SmallFiles files, Problems problems) {
        this.config = config;
        this.files = files;
        this.problems = problems;
    }

    static boolean describes(JsonSection config) {
        return config.has("mm_vision_tower") && !config.has("text_config");
    }

    VisionConfig vision() throws ModelProblem {
        checkKind();
        var tower = JsonSection.file(files, TOWER + "config.json", problems)
                .orElseThrow(() -> new ModelProblem("missing: the configuration of vision tower "
                        + config.text("mm_vision_tower").orElse("")));
        // A whole CLIP model nests the tower's part; a tower saved by itself is that part.
        var vision = VisionConfig.read(VisionFamily.CLIP, tower.section("vision_config").orElse(tower));
        if (config.integer("mm_hidden_size", vision.hidden(), 1, 1 << 16) != vision.hidden())
            config.problem("mm_hidden_size", config.integer("mm_hidden_size", 0, 0, 1 << 16),
                    vision.hidden() + ", the vision tower's hidden_size");
        return vision;
    }

    LanguageFamily family() throws ModelProblem {
        var type = config.text("model_type").orElse("none");
        return LanguageFamily.ofOriginalModelType(type)
                .orElseThrow(() -> new ModelProblem("config.json: model_type: " + type + " (expected: one of "
                        + LanguageFamily.originalModelTypes() + ")"));
    }

    private void checkKind() {
        var projector = config.text("mm_projector_type").orElse("linear"); // what the original code takes
        if (!projector.equals("mlp2x_gelu"))
            config.problem("mm_projector_type", projector, "mlp2x_gelu");
        config.refuseUnlessAbsentOrFalse("mm_use_im_start_end");
    }

    SelectStrategy strategy() {
        var feature = config.text("mm_vision_select_feature").orElse("patch");
        return switch (feature) {
            case "patch" -> SelectStrategy.DEFAULT;
            case "cls_patch" -> SelectStrategy.FULL;
            default -> {
                config.problem("mm_vision_select_feature", feature, "patch or cls_patch");
                yield SelectStrategy.DEFAULT;
            }
        };
    }

    /** The original code takes the tower's preprocessing and pads before it when {@code image_aspect_ratio} says so. */
    ImageProcessorConfig preprocessing() throws ModelProblem {
        var ratio = config.text("image_aspect_ratio").orElse("square");
        if (!ratio.equals("pad") && !ratio.equals("square"))
            config.problem("image_aspect_ratio", ratio, "pad or square");
        var tower = JsonSection.file(files, TOWER + "preprocessor_config.json", problems)
                .or(() -> JsonSection.file(files, "preprocessor_config.json", problems));
        return ImageProcessorReader.read(
                tower.orElseThrow(() -> new ModelProblem("missing: preprocessor_config.json beside the vision tower")),
                ratio.equals("pad"));
    }

    /**
     * The original code has no id for a picture in its text; the tokenizer's {@code <image>} serves as one, or, as
     * transformers does when it adds that token, the first id past the vocabulary.
     */
    int imageTokenId() throws ModelProblem {
        if (config.has("image_token_index"))
            return config.integer("image_token_index", 0, 0, 1 << 22);
        var tokenizer = files.text("tokenizer.json").orElseThrow(() -> new ModelProblem("missing: tokenizer.json"));
        var ids = TokenizerIds.read(tokenizer);
        return ids.imageToken().orElse(ids.pastTheLast());
    }
}
