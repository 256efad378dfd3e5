package sightline.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** README's example is the one that is compiled and run here. */
@Timeout(60)
class ReadmeExampleTest {
    private static final Path ROOT = Path.of(System.getProperty("sightline.root"));
    private static final Path PICTURE = ROOT.resolve("deploy/demo-model/sample-1.png");

    private final StringBuilder shown = new StringBuilder();

    @Test
    void theExampleAsks() throws IOException {
        var tale = Tale.of(6);
        try (var router = new ScriptedRouter(); var other = new ScriptedRouter()) {
            router.play(Scripts.cut(tale, new Random(1), 2, Scripts.Break.UNAVAILABLE, router.link()));
            other.play(Scripts.whole(tale, new Random(2)));
            ask(router.endpoint() + "," + other.endpoint(), PICTURE);
            assertThat(shown).hasToString(tale.text(0, 6) + " 6 tokens");
            assertThat(router.takeRequests().getFirst().getConversation().getMessages(0).getPartsCount()).isEqualTo(2);
        }
    }

    @Test
    void theExampleStandsInReadme() throws IOException {
        var source = Files.readString(
                ROOT.resolve("proto/sdk/java/src/test/java/sightline/client/ReadmeExampleTest.java"));
        var example = source.substring(source.indexOf("// README\n") + 10, source.indexOf("        // end\n"));
        var lines = example.lines().map(String::strip).collect(Collectors.joining("\n"));
        var readme = Files.readString(ROOT.resolve("README.md")).lines().map(String::strip);
        assertThat(readme.collect(Collectors.joining("\n"))).contains("```java\n" + lines + "\n```");
    }

    private void ask(String routers, Path file) throws IOException {
        // README
        var question = new Question("What is in this picture?", List.of(ByteString.copyFrom(Files.readAllBytes(file))));
        try (var client = SightlineClient.to(routers)) { // HOST:PORT,HOST:PORT
            var request = question.request().build();
            var answer = client.generate(request, Duration.ofMinutes(1))
                    .answer(event -> print(event.getDelta().getText()));
            print(" " + answer.finished().getUsage().getCompletionTokens() + " tokens");
        } catch (RequestFailed e) {
            print(e.received().status() + ": " + e.getMessage());
        }
        // end
    }

    private void print(String text) {
        shown.append(text);
    }
}
