package sightline.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Files that are named on the command line. */
final class GivenFile {
    private GivenFile() {}

    /** The whole file; one that cannot be read is a mistake in how the command was used. */
    static byte[] read(Path file, CommandSpec command) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new ParameterException(command.commandLine(), file + ": cannot be read (expected: a file)", e);
        }
    }
}
