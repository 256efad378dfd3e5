package sightline.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import sightline.deploy.synth.LlavaGemmaShape;
import sightline.deploy.synth.SyntheticCheckpoint;

/** {@code sightline synth}: random-weight checkpoints in published format, for measuring without a download. */
@Command(name = "synth", description = "Write a random-weight checkpoint in published format.")
final class SynthCommand {

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Command(name = "llava-gemma-2b", description = "LLaVA-Gemma 2b: CLIP ViT-L/14 at 336 pixels, Gemma 2b; 5.6 GB in bfloat16.")
    int llavaGemma2b(@Parameters(paramLabel = "DIR", description = "Made; its name is the model's.") Path directory,
            @Option(names = "--tiny", description = "The same form in less than a megabyte.") boolean tiny,
            @Option(names = "--seed", defaultValue = "1", description = "Equal seeds give equal files.") long seed) {
        if (Files.exists(directory)) {
            throw new ParameterException(spec.commandLine(), directory + " exists (expected: a directory to be made)");
        }
        SyntheticCheckpoint checkpoint = new SyntheticCheckpoint(
                tiny ? LlavaGemmaShape.TINY : LlavaGemmaShape.TWO_BILLION,
                Distribution.ofThisProcess().demoCheckpoint());
        try {
            checkpoint.write(directory, seed, new WriteProgress(checkpoint.weightBytes(), System.err));
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(),
                    directory + ": cannot be written (" + e.getMessage() + ")", e);
        }
        System.err.println("wrote " + directory);
        return 0;
    }
}
