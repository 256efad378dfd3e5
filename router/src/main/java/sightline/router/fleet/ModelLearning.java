package sightline.router.fleet;

import io.grpc.Channel;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import sightline.model.LlavaConfig;
import sightline.model.ModelProblem;
import sightline.model.SmallFiles;
import sightline.router.prompt.PromptEncoder;
import sightline.router.prompt.TokenizerConfig;
import sightline.router.text.TokenizerFile;
import sightline.router.text.UnusableTokenizer;
import sightline.router.text.Vocabulary;
import sightline.runtime.ModelFilesReader;
import sightline.stage.v1.ServedModel;

/** Fetches the small files of a model from a node and reads them on an executor of their own. */
public final class ModelLearning {
    private static final String TOKENIZER = "tokenizer.json";

    /** The files came, but this router cannot work with them. */
    static final class UnusableModel extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableModel(Exception cause) {
            super(cause.getMessage(), cause);
        }
    }

    private final Executor executor;

    public ModelLearning(Executor executor) {
        this.executor = executor;
    }

    /** Why a router could not work with these files of a model, if so. */
    public static Optional<String> obstacle(SmallFiles files) {
        try (var model = read(files, ServedModel.getDefaultInstance())) {
            return model.prompts().obstacle(model.config().contextLength());
        } catch (ModelProblem | UnusableTokenizer | RuntimeException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Fails with an {@link UnusableModel}, or with whatever kept the files from coming. */
    CompletionStage<LearnedModel> learn(Channel from, ServedModel card) {
        return ModelFilesReader.fetch(from, card.getDigest()).thenApplyAsync(files -> {
            try {
                return read(files, card);
            } catch (ModelProblem | UnusableTokenizer | RuntimeException e) {
                throw new CompletionException(new UnusableModel(e));
            }
        }, executor);
    }

    private static LearnedModel read(SmallFiles files, ServedModel card) throws ModelProblem, UnusableTokenizer {
        var config = LlavaConfig.parse(files);
        if (!files.names().contains(TOKENIZER))
            throw new UnusableTokenizer(TOKENIZER + ": missing (expected: among the model's files)");
        var content = files.content(TOKENIZER);
        var json = new byte[content.remaining()];
        content.get(json);
        var tokenizer = TokenizerFile.parse(json);
        var image = new PromptEncoder.ImageToken(config.imageTokenId(), config.tokensPerImage());
        return new LearnedModel(card, config, PromptEncoder.open(files, tokenizer, image),
                Vocabulary.of(tokenizer, TokenizerConfig.parse(files).cleansSpaces()));
    }
}
