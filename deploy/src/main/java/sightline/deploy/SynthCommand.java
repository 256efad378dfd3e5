package sightline.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import sightline.deploy.synth.Preset;
import sightline.deploy.synth.SyntheticCheckpoint;

/** {@code sightline synth}: random-weight checkpoints in published format, for measuring without a download. */
@Command(name = "synth", description = "Write a random-weight checkpoint in published format.")
final class SynthCommand {

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Command(name = "llava-gemma-2b", description = "LLaVA-Gemma 2b: CLIP ViT-L/14 at 336 pixels, Gemma 2b; 5.6 GB in bfloat16.")
    int llavaGemma2b(@Mixin Wish wish) {
        return write(Preset.LLAVA_GEMMA_2B, wish);
    }

    @Command(name = "llava-gemma-7b", description = "LLaVA-Gemma 7b: the same tower, Gemma 7b; 17.7 GB in bfloat16.")
    int llavaGemma7b(@Mixin Wish wish) {
        return write(Preset.LLAVA_GEMMA_7B, wish);
    }

    @Command(name = "llava-phi-2", description = "LLaVA-Phi-2: the same tower, Phi-2; 6.2 GB in bfloat16.")
    int llavaPhi2(@Mixin Wish wish) {
        return write(Preset.LLAVA_PHI_2, wish);
    }

    @Command(name = "llava-1.5-7b", description = "LLaVA-1.5 7b: the same tower, Vicuna 7b; 14.1 GB in bfloat16.")
    int llava15(@Mixin Wish wish) {
        return write(Preset.LLAVA_1_5_7B, wish);
    }

    private int write(Preset preset, Wish wish) {
        Path directory = wish.directory;
        if (Files.exists(directory)) {
            throw new ParameterException(spec.commandLine(), directory + " exists (expected: a directory to be made)");
        }
        Path demo = Distribution.ofThisProcess().demoCheckpoint();
        SyntheticCheckpoint checkpoint = wish.tiny
                ? SyntheticCheckpoint.tiny(preset, demo)
                : SyntheticCheckpoint.published(preset, demo);
        try {
            checkpoint.write(directory, wish.seed, new WriteProgress(checkpoint.weightBytes(), System.err));
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(),
                    directory + ": cannot be written (" + e.getMessage() + ")", e);
        }
        System.err.println("wrote " + directory);
        return 0;
    }

    /** What can be said about every preset. */
    static final class Wish {
        @Parameters(paramLabel = "DIR", description = "Made; its name is the model's.")
        @SuppressWarnings("NullAway.Init") // set by picocli
        private Path directory;

        @Option(names = "--tiny", description = "The same form in less than a megabyte.")
        private boolean tiny;

        @Option(names = "--seed", defaultValue = "1", description = "Equal seeds give equal files.")
        private long seed;
    }
}
