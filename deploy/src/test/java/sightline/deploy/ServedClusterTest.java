package sightline.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import sightline.client.Question;
import sightline.deploy.client.RunningRequest;
import sightline.deploy.client.RunningRequest.Answered;
import sightline.deploy.client.RunningRequest.Failed;
import sightline.deploy.cluster.ServedCluster;
import sightline.v1.GenerateRequest;

@Timeout(180)
class ServedClusterTest {
    private static final long LIMIT_SECONDS = 60;
    private static final long MAX_GROWTH_BYTES = 150L << 20;
    private static final List<String> REFUSALS = List.of("OVERLOADED");

    @RegisterExtension
    static final ServedCluster CLUSTER = new ServedCluster(Map.of());

    @Test
    void benchMeasuresEveryLoadAndDrawsThem(@TempDir Path folder) throws Exception {
        var chart = folder.resolve("chart.svg");
        var ended = Commands.run("bench", "--target", CLUSTER.router().toString(), "--concurrency", "1,4", "--requests",
                "8", "--pictures", "3", "--picture-size", "112", "--max-new-tokens", "6", "--ignore-eos", "--json",
                "--svg", chart.toString());
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        var reports = JsonParser.parseString(ended.out()).getAsJsonArray();
        assertThat(reports).hasSize(2).allSatisfy(report -> {
            var numbers = report.getAsJsonObject();
            assertThat(numbers.get("answered").getAsInt()).isEqualTo(8);
            assertThat(numbers.getAsJsonObject("failures").size()).isZero();
            double tokens = numbers.get("tokens_per_second").getAsDouble() * numbers.get("seconds").getAsDouble();
            assertThat(tokens).isCloseTo(8 * 6, within(0.01));
            var ttft = numbers.getAsJsonObject("ttft_seconds");
            assertThat(ttft.get("p50").getAsDouble()).isPositive().isLessThanOrEqualTo(ttft.get("p99").getAsDouble());
            assertThat(numbers.getAsJsonObject("stage_seconds").get("prefill").getAsDouble()).isPositive();
        });
        assertThat(Files.readString(chart)).startsWith("<svg").contains("ttft p99");
    }

    @Test
    void manyRequestsAllEndAndMemoryStaysLevel() throws Exception {
        inARow(100); // until heaps and pools have their size
        var before = residentBytes();
        inARow(200);
        allAtOnce(50);
        CLUSTER.metrics("router-1").await("sightline_requests_running", running -> running == 0, Duration.ofSeconds(2));
        CLUSTER.metrics("language-1").await("sightline_kv_blocks_used", used -> used == 0, Duration.ofSeconds(2));
        residentBytes().forEach((name, bytes) -> {
            long growth = bytes - before.getOrDefault(name, 0L);
            System.out.printf("%s: %d MiB resident, %+d MiB by 250 requests%n", name, bytes >> 20, growth >> 20);
            assertThat(growth).as("growth of %s", name).isLessThan(MAX_GROWTH_BYTES);
        });
    }

    @Test
    void anAnswerIsAtLeastAsLongAsAskedFor() throws Exception {
        var asked = question("How many shapes are there?", Demo.sample());
        int usual = RunningRequest.start(CLUSTER.inference(), asked.build())
                .awaitAnswer(LIMIT_SECONDS)
                .choices()
                .getFirst()
                .tokenIds()
                .size();
        asked.getStoppingBuilder().setMinNewTokens(usual + 3);
        var longer = RunningRequest.start(CLUSTER.inference(), asked.build()).awaitAnswer(LIMIT_SECONDS);
        assertThat(longer.choices().getFirst().tokenIds()).hasSizeGreaterThanOrEqualTo(usual + 3);
        assertThat(longer.text()).startsWith("There are three shapes.");
    }

    @Test
    void anAnswerIsExactlyOneOfItsChoices() throws Exception {
        var texts = List.of("There are two shapes.", "There are two", "yes", "There are five shapes, I think.");
        var asked = question("How many shapes are there?", Demo.sample());
        asked.getSamplingBuilder().addAllChoices(texts).setTemperature(100);
        var seen = new HashSet<String>();
        for (int seed = 0; seed < 20; seed++) {
            asked.getSamplingBuilder().setSeed(seed);
            var answer = RunningRequest.start(CLUSTER.inference(), asked.build()).awaitAnswer(LIMIT_SECONDS);
            assertThat(answer.text()).isIn(texts);
            seen.add(answer.text());
        }
        assertThat(seen).as("by chance").hasSizeGreaterThan(1);
    }

    private static void inARow(int count) throws Exception {
        for (int i = 0; i < count; i++)
            assertThat(
                    RunningRequest
                            .start(CLUSTER.inference(), question("How many shapes are there?", Demo.sample()).build())
                            .awaitAnswer(LIMIT_SECONDS)
                            .text())
                    .isEqualTo("There are three shapes.");
    }

    private static void allAtOnce(int count) throws Exception {
        var running = new ArrayList<RunningRequest>();
        for (int i = 0; i < count; i++)
            running.add(
                    RunningRequest.start(CLUSTER.inference(), question("Describe the image.", Demo.sample()).build()));
        for (var request : running)
            switch (request.await(LIMIT_SECONDS)) {
                case Answered answered -> assertThat(answered.answer().text()).startsWith("There is a purple square");
                case Failed failed -> assertThat(failed.received().reason().orElseThrow()).isIn(REFUSALS);
            }
    }

    private static Map<String, Long> residentBytes() throws IOException {
        Map<String, Long> bytes = new HashMap<>();
        for (String name : CLUSTER.names())
            bytes.put(name, CLUSTER.residentBytes(name));
        return bytes;
    }

    private static GenerateRequest.Builder question(String text, ByteString picture) {
        return new Question(text, List.of(picture)).request();
    }
}
