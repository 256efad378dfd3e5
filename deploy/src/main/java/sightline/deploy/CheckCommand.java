package sightline.deploy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import sightline.model.ModelCheck;
import sightline.model.ModelDirectory;
import sightline.router.fleet.ModelLearning;
import sightline.runtime.ExitCode;

/** {@code sightline check}: what a model directory is, or all that is wrong with it. */
@Command(name = "check", description = "Say what a model directory is, or what is wrong with it.")
final class CheckCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "A checkpoint in published format.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path directory;

    @Option(names = "--vision-tower", paramLabel = "DIR", description = "The tower that an original-LLaVA checkpoint does not hold.")
    private Optional<Path> visionTower = Optional.empty();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        var check = ModelCheck.of(directory, new ModelDirectory.Options(visionTower, Optional.empty()),
                ModelLearning::obstacle);
        spec.commandLine().getOut().println(json ? json(check) : text(check));
        return switch (check) {
            case ModelCheck.Good _ -> ExitCode.DONE.code();
            case ModelCheck.Bad _ -> ExitCode.MODEL.code();
        };
    }

    private static String text(ModelCheck check) {
        return switch (check) {
            case ModelCheck.Good good -> """
                    name              %s
                    language          %s, context of %,d tokens
                    vision            %s, %,d tokens a picture
                    parameters        %,d
                    saved as          %s
                    vision weights    %,d bytes
                    language weights  %,d bytes""".formatted(good.name(), good.languageFamily(), good.contextLength(),
                    good.visionFamily(), good.tokensPerImage(), good.parameters(), good.dtype(), good.visionBytes(),
                    good.languageBytes());
            case ModelCheck.Bad bad -> String.join("\n", bad.problems());
        };
    }

    private static JsonObject json(ModelCheck check) {
        var json = new JsonObject();
        json.addProperty("ok", check instanceof ModelCheck.Good);
        json.add("problems", new JsonArray());
        switch (check) {
            case ModelCheck.Good good -> addTo(json, good);
            case ModelCheck.Bad bad -> bad.problems().forEach(json.getAsJsonArray("problems")::add);
        }
        return json;
    }

    private static void addTo(JsonObject json, ModelCheck.Good good) {
        json.addProperty("name", good.name());
        json.addProperty("language_family", good.languageFamily());
        json.addProperty("vision_family", good.visionFamily());
        json.addProperty("context_length", good.contextLength());
        json.addProperty("tokens_per_image", good.tokensPerImage());
        json.addProperty("parameters", good.parameters());
        var bytes = new JsonObject();
        bytes.addProperty("vision", good.visionBytes());
        bytes.addProperty("language", good.languageBytes());
        json.add("bytes", bytes);
        json.addProperty("dtype", good.dtype());
    }
}
