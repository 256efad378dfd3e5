package sightline.model;

import java.nio.file.Path;
import java.util.List;

/** What a directory is, or all that is wrong with it. */
public sealed interface ModelCheck {

    /**
     * A directory that can be served.
     *
     * @param parameters elements of all tensors that the model reads
     * @param visionBytes stored bytes of the tower and the projector
     * @param languageBytes stored bytes of the language model
     * @param dtype that the weights were saved in
     */
    record Good(String name, String languageFamily, String visionFamily, int contextLength, int tokensPerImage,
            long parameters, long visionBytes, long languageBytes, String dtype) implements ModelCheck {}

    record Bad(List<String> problems) implements ModelCheck {
        public Bad {
            problems = List.copyOf(problems);
        }
    }

    static ModelCheck of(Path directory, ModelDirectory.Options options) {
        try {
            var model = ModelDirectory.open(directory, options);
            var config = model.config();
            return new Good(model.name(), config.text().family().label(), config.vision().family().label(),
                    config.contextLength(), config.tokensPerImage(), model.parameters(),
                    model.storedBytes(StagePart.VISION), model.storedBytes(StagePart.LANGUAGE), config.dtype().label());
        } catch (ModelProblem e) {
            return new Bad(e.problems());
        }
    }
}
