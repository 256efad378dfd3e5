package sightline.deploy;

import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import sightline.runtime.ExitCode;
import sightline.runtime.StartFailure;
import sightline.runtime.Version;
import sightline.wire.Endpoint;

/** The {@code sightline} command; ends the process with one of {@link ExitCode}. */
@Command(name = "sightline", mixinStandardHelpOptions = true, scope = ScopeType.INHERIT, versionProvider = Main.CurrentVersion.class, description = "Serves LLaVA-style vision-language models as a cluster of actors.", subcommands = {
    UpCommand.class,
    NodeCommand.class, AskCommand.class, TopCommand.class, BenchCommand.class, CheckCommand.class, SynthCommand.class,
    StartCacheCommand.class})
public final class Main implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    public static void main(String[] args) {
        Locale.setDefault(Locale.ROOT); // numbers are written with a point, whoever reads them
        System.exit(commandLine().execute(args));
    }

    /** Errors go to standard error: wrong usage and a failed start in one line, a bug with its stack. */
    static CommandLine commandLine() {
        return new CommandLine(new Main()).setExpandAtFiles(false) // a question may begin with @
                .registerConverter(Endpoint.class, Main::endpoint)
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setParameterExceptionHandler((error, _) -> usage(error))
                .setExecutionExceptionHandler((error, command, _) -> exitCode(error, command.getErr()));
    }

    private static Endpoint endpoint(String text) {
        try {
            return Endpoint.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    /** Without a subcommand there is nothing to do. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a subcommand is missing");
    }

    private static int usage(ParameterException error) {
        var command = error.getCommandLine();
        command.getErr()
                .println("sightline: " + error.getMessage() + " (see " + command.getCommandSpec().qualifiedName()
                        + " --help)");
        return ExitCode.USAGE.code();
    }

    private static int exitCode(Exception error, PrintWriter err) {
        if (error instanceof StartFailure failure) {
            err.println("sightline: " + failure.getMessage());
            return failure.exitCode().code();
        }
        error.printStackTrace(err);
        return ExitCode.BUG.code();
    }

    /** What {@code --version} prints. */
    static final class CurrentVersion implements IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[]{"sightline " + Version.current()};
        }
    }
}
