package sightline.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

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

    /**
     * Looks at a directory.
     *
     * @param obstacle what else may stand in the way of serving a model with these small files
     */
    static ModelCheck of(Path directory, ModelDirectory.Options options,
            Function<SmallFiles, Optional<String>> obstacle) {
        try {
            var model = ModelDirectory.open(directory, options);
            var further = obstacle.apply(model.files());
            if (further.isPresent())
                return new Bad(List.of(further.get()));
            var config = model.config();
            return new Good(model.name(), config.text().family().label(), config.vision().family().label(),
                    config.contextLength(), config.tokensPerImage(), model.parameters(),
                    model.storedBytes(StagePart.VISION), model.storedBytes(StagePart.LANGUAGE), config.dtype().label());
        } catch (ModelProblem e) {
            return new Bad(e.problems());
        }
    }
}
