package sightline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that need no running cluster. */
class CommandsTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void standWhereTheLauncherStands() {
        System.setProperty("sightline.home", Demo.HOME.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "up", "node", "node router", "node vision", "node language", "ask", "top", "bench",
        "check",
        "synth", "synth llava-gemma-2b", "synth llava-gemma-7b", "synth llava-phi-2", "synth llava-1.5-7b"})
    void everyCommandHasHelpAndVersion(String command) {
        var help = Commands.run((command + " --help").strip().split(" "));
        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).startsWith(("Usage: sightline " + command).strip());
        var version = Commands.run((command + " --version").strip().split(" "));
        assertThat(version.exitCode()).isZero();
        assertThat(version.out()).matches("sightline \\d+\\.\\d+\\.\\d+");
    }

    @Test
    void aMissingOrUnknownCommandIsAUsageError() {
        assertThat(Commands.run().exitCode()).isEqualTo(2);
        assertThat(Commands.run("serve").exitCode()).isEqualTo(2);
        assertThat(Commands.run("node", "gateway").exitCode()).isEqualTo(2);
    }

    @Test
    void aUsageErrorIsOneLineThatSaysWhereTheHelpIs() {
        assertThat(Commands.run("ask", "?", "--top-k", "x").err()).isEqualTo(
                "sightline: Invalid value for option '--top-k': 'x' is not an int (see sightline ask --help)");
        assertThat(Commands.run("ask", "?", "--tenant", "two words").err()).isEqualTo(
                "sightline: --tenant: two words (expected: at most 128 visible characters of ASCII) (see sightline ask --help)");
        assertThat(Commands.run().err()).isEqualTo("sightline: a subcommand is missing (see sightline --help)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"--set vision.max-batch=0|2|vision.max-batch: 0 (expected: >= 1)",
        "--set router.limits.pictures=many|2|router.limits.pictures: many (expected: a whole number)",
        "--set nonsense=1|2|unknown setting nonsense", "--set model.strict=maybe|2|model.strict: maybe",
        "--model /nowhere|3|model /nowhere: "})
    void upSaysWhatItsProcessesWouldSayAndStartsNone(String flags, int exitCode, String told) {
        var ended = Commands.run(("up --log-dir " + folder.resolve("logs") + " " + flags).split(" "));
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(exitCode);
        assertThat(ended.err()).startsWith("sightline: ").contains(told).hasLineCount(1);
        assertThat(folder.resolve("logs")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--vision 0", "--language -1", "--routers 0", "--grpc-port 70000", "--grpc-port -1",
        "--grpc-port x",
        "--set router.port=7070", "--set metrics.port=9000", "--log-dir /dev/null/logs"})
    void whatUpCannotDoIsAUsageError(String flags) {
        var ended = Commands.run(("up " + flags).split(" "));
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(2);
        assertThat(ended.err()).doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--concurrency 0", "--rate 0", "--rate -1", "--concurrency 1 --rate 1", "--requests 0",
        "--words 9-3", "--words x", "--words 0", "--pictures-each x", "--questions /dev/null",
        "--questions /nowhere.txt", "--image /nowhere.png"})
    void whatBenchCannotDoIsAUsageError(String flags) {
        var ended = Commands.run(("bench " + flags).split(" "));
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(2);
        assertThat(ended.err()).doesNotContain("\tat ");
    }

    @Test
    void anUnknownSettingFailsTheStartAndNamesTheNearestOne() {
        var ended = Commands.run("node", "router", "--set", "router.prot=7070");
        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.err()).contains("router.prot", "router.port");
    }

    @Test
    void aNodeFindsItsOwnAddressByWhomItIsToJoinOnly() {
        var ended = Commands.run("node", "vision", "--host", "auto");
        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.err()).isEqualTo("sightline: --host: auto (expected: an address, where there are no --seeds)");
    }

    @Test
    void checkSaysWhatADirectoryIs() {
        var ended = Commands.run("check", Demo.CHECKPOINT.toString(), "--json");
        assertThat(ended.exitCode()).isZero();
        var json = JsonParser.parseString(ended.out()).getAsJsonObject();
        assertThat(json.keySet()).containsExactlyInAnyOrder("ok", "problems", "name", "language_family",
                "vision_family", "context_length", "tokens_per_image", "parameters", "bytes", "dtype");
        assertThat(json.getAsJsonObject("bytes").keySet()).containsExactlyInAnyOrder("vision", "language");
        assertThat(json.get("ok").getAsBoolean()).isTrue();
        assertThat(json.get("language_family").getAsString()).isEqualTo("gemma");
        assertThat(Commands.run("check", Demo.CHECKPOINT.toString()).out()).contains("gemma", "clip", "bfloat16");
    }

    @Test
    void checkSaysWhatIsWrong() {
        var ended = Commands.run("check", folder.toString(), "--json");
        assertThat(ended.exitCode()).isEqualTo(3);
        assertThat(ended.out()).isEqualTo("{\"ok\":false,\"problems\":[\"missing: config.json\"]}");
        assertThat(Commands.run("check", folder.toString()).out()).isEqualTo("missing: config.json");
    }

    @Test
    void checkReadsTheTokenizerAsARouterDoes() throws IOException {
        for (var file : List.of("config.json", "model.safetensors", "preprocessor_config.json",
                "tokenizer_config.json"))
            Files.copy(Demo.CHECKPOINT.resolve(file), folder.resolve(file));
        Files.writeString(folder.resolve("tokenizer.json"), "{\"hello\": 1}");
        var ended = Commands.run("check", folder.toString());
        assertThat(ended.exitCode()).isEqualTo(3);
        assertThat(ended.out()).contains("tokenizer.json: no vocabulary");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{% for message in messages %}{{ message['content'] }}", "{{ messages", "Hello.",
        "{% for message in messages %}{{ message['content'] | replace('<image>', '') }}{% endfor %}",
        "{{ raise_exception('not today') }}"})
    void checkRendersTheChatTemplate(String template) throws IOException {
        for (var file : List.of("config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json"))
            Files.copy(Demo.CHECKPOINT.resolve(file), folder.resolve(file));
        var config = JsonParser.parseString(Files.readString(Demo.CHECKPOINT.resolve("tokenizer_config.json")))
                .getAsJsonObject();
        config.addProperty("chat_template", template);
        Files.writeString(folder.resolve("tokenizer_config.json"), config.toString());
        var ended = Commands.run("check", folder.toString());
        assertThat(ended.exitCode()).as(ended.out()).isEqualTo(3);
        assertThat(ended.out()).startsWith("chat template: ").contains("(expected: ");
    }

    @ParameterizedTest
    @CsvSource({"llava-gemma-2b,gemma", "llava-gemma-7b,gemma", "llava-phi-2,phi", "llava-1.5-7b,llama"})
    void synthWritesADirectoryThatCheckFindsGood(String preset, String family) {
        var directory = folder.resolve("tiny");
        assertThat(Commands.run("synth", preset, directory.toString(), "--tiny").exitCode()).isZero();
        var json = JsonParser.parseString(Commands.run("check", directory.toString(), "--json").out())
                .getAsJsonObject();
        assertThat(json.get("ok").getAsBoolean()).as(json.toString()).isTrue();
        assertThat(json.get("name").getAsString()).isEqualTo("tiny");
        assertThat(json.get("language_family").getAsString()).isEqualTo(family);
        assertThat(json.get("tokens_per_image").getAsInt()).isEqualTo(16);
    }

    @Test
    void synthSaysWhereItCannotWrite() {
        var ended = Commands.run("synth", "llava-gemma-2b", "/dev/null/checkpoint", "--tiny");
        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.err()).contains("/dev/null/checkpoint: cannot be written").doesNotContain("\tat ");
    }

    @Test
    void synthOverwritesNothing() {
        assertThat(Commands.run("synth", "llava-gemma-2b", folder.toString(), "--tiny").exitCode()).isEqualTo(2);
        assertThat(folder).isEmptyDirectory();
    }
}
