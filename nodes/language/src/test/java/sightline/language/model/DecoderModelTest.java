package sightline.language.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sightline.language.kv.KvChange;
import sightline.language.schedule.SequenceId;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.torch.Device;
import sightline.torch.Linears;
import sightline.torch.Torch;
import sightline.torch.WeightClass;

class DecoderModelTest {
    private static final Path CHECKPOINT = Path.of(System.getProperty("sightline.golden"), "gemma-mqa", "checkpoint");
    private static final String POISONED = "language_model.model.layers.1.mlp.up_proj.weight";
    private static final short BFLOAT16_NAN = 0x7fc0;
    private static final short BFLOAT16_MINUS_INFINITY = (short) 0xff80;

    @ParameterizedTest
    @EnumSource
    void aPromptHasTheSameLogitsHoweverItIsCut(WeightClass weights) throws ModelProblem {
        var prompt = GoldenCase.open("demo").prompt(3);
        var whole = logits(weights, 8, 256, prompt);
        assertThat(logits(weights, 1, 32, prompt)).isEqualTo(whole);
        assertThat(logits(weights, 2, 96, prompt)).isEqualTo(whole);
        assertThat(logits(weights, 3, 64, prompt)).isEqualTo(whole);
    }

    @Test
    void equalModelsHaveEqualFingerprintsAndOthersDoNot() throws ModelProblem {
        var first = fingerprint("gemma-mqa", WeightClass.BFLOAT16, 1);
        assertThat(fingerprint("gemma-mqa", WeightClass.BFLOAT16, 4)).isEqualTo(first);
        assertThat(fingerprint("gemma-mqa", WeightClass.FLOAT32, 1)).isNotEqualTo(first);
        assertThat(fingerprint("layout-v5", WeightClass.BFLOAT16, 1)).isNotEqualTo(first);
    }

    @Test
    void aHeadThatIsNotRoundedGivesOtherLogits() throws ModelProblem {
        Assumptions.assumeTrue(Torch.start(Device.cpu(), 2).supports(WeightClass.INT8), "int8 is refused on this CPU");
        var prompt = GoldenCase.open("demo").prompt(3);
        var rounded = Linears.packed(WeightClass.INT8);
        var options = new DecoderModel.Options(rounded, rounded.unrounded(), 64, 2, 2);
        assertThat(logits(options, 64, prompt)).isNotEqualTo(logits(WeightClass.INT8, 2, 64, prompt));
    }

    @Test
    void onlyTheEmbeddingStaysMapped() throws ModelProblem, IOException {
        var model = load("gemma-mqa", WeightClass.BFLOAT16, 1);
        assertThat(mappings()).isEqualTo(1);
        model.runner().close();
        assertThat(mappings()).isZero();
    }

    @Test
    void weightsThatAreNoNumbersAreRefusedByName(@TempDir Path folder) throws IOException, ModelProblem {
        for (short broken : new short[]{BFLOAT16_NAN, BFLOAT16_MINUS_INFINITY}) {
            var directory = ModelDirectory.open(poisoned(folder, broken), ModelDirectory.Options.NONE);
            assertThatThrownBy(() -> load(directory, options(WeightClass.BFLOAT16, 1))).isInstanceOf(ModelProblem.class)
                    .hasMessageContaining(POISONED);
        }
    }

    private static float[] logits(WeightClass weights, int joined, int rowsPerStep, Prompt prompt) throws ModelProblem {
        return logits(options(weights, joined), rowsPerStep, prompt);
    }

    private static float[] logits(DecoderModel.Options options, int rowsPerStep, Prompt prompt) throws ModelProblem {
        try (var runner = load(GoldenCase.open("demo").model(), options).runner()) {
            var id = new SequenceId(1);
            runner.change(new KvChange.Reserve(id, 8));
            int from = 0;
            for (; from + rowsPerStep < prompt.length(); from += rowsPerStep) {
                runner.run(Batch.ofPrompt(new PromptSpan(id, prompt, from, from + rowsPerStep)));
            }
            return runner.run(Batch.ofPrompt(new PromptSpan(id, prompt, from, prompt.length()))).getFirst().clone();
        }
    }

    private static String fingerprint(String golden, WeightClass weights, int joined) throws ModelProblem {
        var model = load(golden, weights, joined);
        model.runner().close();
        return model.proof().fingerprint().orElseThrow().hex();
    }

    private static DecoderModel load(String golden, WeightClass weights, int joined) throws ModelProblem {
        return load(GoldenCase.open(golden).model(), options(weights, joined));
    }

    private static DecoderModel load(ModelDirectory directory, DecoderModel.Options options) throws ModelProblem {
        return DecoderModel.load(directory, Torch.start(Device.cpu(), 2), options, _ -> {});
    }

    private static DecoderModel.Options options(WeightClass weights, int joined) {
        return new DecoderModel.Options(Linears.packed(weights), 64, joined, joined);
    }

    private static long mappings() throws IOException {
        try (var maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.filter(line -> line.contains(CHECKPOINT.toString())).count();
        }
    }

    /** A copy of the checkpoint, one of whose numbers is this one. */
    private static Path poisoned(Path folder, short broken) throws IOException {
        for (String name : new String[]{"config.json", "tokenizer.json", "preprocessor_config.json",
            "processor_config.json", "generation_config.json"}) {
            Files.copy(CHECKPOINT.resolve(name), folder.resolve(name),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        var file = ByteBuffer.wrap(Files.readAllBytes(CHECKPOINT.resolve("model.safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
        int headerBytes = Math.toIntExact(file.getLong(0));
        var entry = new JsonMapper().readTree(file.array(), 8, headerBytes).get(POISONED);
        file.putShort(8 + headerBytes + entry.get("data_offsets").get(0).asInt() + 34, broken);
        Files.write(folder.resolve("model.safetensors"), file.array());
        return folder;
    }
}
