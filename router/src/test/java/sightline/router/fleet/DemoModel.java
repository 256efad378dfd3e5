package sightline.router.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import sightline.model.LlavaConfig;
import sightline.model.ModelProblem;
import sightline.model.SmallFiles;
import sightline.router.prompt.PromptEncoder;
import sightline.router.text.DemoTokenizer;
import sightline.router.text.UnusableTokenizer;
import sightline.stage.v1.ServedModel;
import sightline.wire.Sha256;

/** The demo model as nodes describe it and as a router learns it. */
public final class DemoModel {
    public static final ServedModel CARD = ServedModel.newBuilder()
            .setName("demo")
            .setDigest(sha256("demo"))
            .setLanguageFamily("gemma")
            .setVisionFamily("clip")
            .setPreprocessingDigest(sha256("preprocessing"))
            .build();

    private DemoModel() {}

    public static SmallFiles files() {
        var demo = Path.of(System.getProperty("sightline.demo"));
        var files = new HashMap<String, byte[]>();
        try (var all = Files.list(demo)) {
            for (var file : all.filter(file -> file.toString().endsWith(".json")).toList())
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return SmallFiles.of(Map.copyOf(files));
    }

    public static LlavaConfig config() {
        try {
            return LlavaConfig.parse(files());
        } catch (ModelProblem e) {
            throw new IllegalStateException(e);
        }
    }

    /** The caller closes it. */
    public static LearnedModel learned() {
        return learned(CARD);
    }

    public static LearnedModel learned(ServedModel card) {
        var config = config();
        try {
            var image = new PromptEncoder.ImageToken(config.imageTokenId(), config.tokensPerImage());
            return new LearnedModel(card, config, PromptEncoder.open(files(), DemoTokenizer.file(), image),
                    DemoTokenizer.vocabulary());
        } catch (UnusableTokenizer e) {
            throw new IllegalStateException(e);
        }
    }

    public static String sha256(String of) {
        return Sha256.of(of.getBytes(StandardCharsets.UTF_8)).hex();
    }
}
