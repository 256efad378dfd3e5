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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import sightline.client.Answer;
import sightline.client.Question;
import sightline.deploy.client.RunningRequest;
import sightline.deploy.client.RunningRequest.Answered;
import sightline.deploy.client.RunningRequest.Failed;
import sightline.deploy.cluster.ServedCluster;
import sightline.v1.GenerateRequest;
import sightline.v1.Resume;
import sightline.v1.ResumedChoice;

@Timeout(180)
class ServedClusterTest {
    private static final long LIMIT_SECONDS = 60;
    private static final long MAX_GROWTH_BYTES = 150L << 20;
    private static final List<String> REFUSALS = List.of("OVERLOADED");
    private static final List<String> OF_EVERY_PROCESS = List.of("native_bytes", "build_info");

    /** What two requests about a picture, of which the other is refused, move in each process. */
    private static final Map<String, List<String>> MOVED = Map.of("router-1",
            List.of("requests_total", "refusals_total", "queue_seconds_count", "ttft_seconds_count",
                    "time_per_output_token_seconds_count", "detokenize_seconds_count"),
            "vision-1",
            List.of("preprocess_seconds_count", "encode_seconds_count", "encode_batch_images_count", "store_bytes",
                    "store_lookups_total", "projected_bytes_total"),
            "language-1",
            List.of("step_seconds_count", "step_rows_count", "generated_tokens_total", "kv_blocks_total",
                    "handoff_seconds_count", "handoff_bytes_total", "stage_busy_seconds_total"));

    /** What may well be zero then. */
    private static final Map<String, List<String>> THERE = Map.of("router-1",
            List.of("requests_running", "requests_waiting", "failovers_total", "replayed_tokens_total",
                    "fenced_tokens_total"),
            "vision-1", List.of("preprocess_waiting"), "language-1",
            List.of("sequences_running", "sequences_waiting", "kv_blocks_used", "prefix_hit_tokens_total",
                    "preemptions_total", "cancelled_total"));

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
    void everyMetricIsThereAndMoves() throws Exception {
        RunningRequest.start(CLUSTER.inference(), question("Describe the image.", Demo.sample()).build())
                .awaitAnswer(LIMIT_SECONDS);
        RunningRequest.start(CLUSTER.inference(), question("", ByteString.EMPTY).build()).awaitFailure(LIMIT_SECONDS);
        for (var process : CLUSTER.names()) {
            var page = CLUSTER.metrics(process);
            for (var moved : MOVED.getOrDefault(process, List.of()))
                assertThat(page.value("sightline_" + moved)).as("%s of %s", moved, process).isPositive();
            var there = Stream.of(THERE.getOrDefault(process, List.of()), OF_EVERY_PROCESS).flatMap(List::stream);
            assertThat(page.names()).containsAll(there.map("sightline_"::concat).toList())
                    .contains("jvm_memory_bytes_used");
        }
        double busySeconds = CLUSTER.metrics("language-1").value("sightline_stage_busy_seconds_total");
        double stepSeconds = CLUSTER.metrics("language-1").value("sightline_step_seconds_sum");
        assertThat(busySeconds).as("the only stage computes all of a step").isBetween(stepSeconds / 2, stepSeconds);
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

    @Test
    void theFirstOfSeveralAnswersIsTheUsualOneAndTheOthersRecallThePrompt() throws Exception {
        var asked = question("Describe the image.", Demo.sample());
        asked.getSamplingBuilder().setTemperature(8).setSeed(11);
        asked.getStoppingBuilder().setMaxNewTokens(20);
        var alone = RunningRequest.start(CLUSTER.inference(), asked.build()).awaitAnswer(LIMIT_SECONDS);
        asked.getSamplingBuilder().setN(4);
        double recalledBefore = CLUSTER.metrics("language-1").value("sightline_prefix_hit_tokens_total");
        var answer = RunningRequest.start(CLUSTER.inference(), asked.build()).awaitAnswer(LIMIT_SECONDS);
        assertThat(answer.choices()).hasSize(4).doesNotHaveDuplicates().first().isEqualTo(alone.choices().getFirst());
        assertThat(answer.finished().getUsage().getCompletionTokens())
                .isEqualTo(answer.choices().stream().mapToInt(choice -> choice.tokenIds().size()).sum());
        int prompt = answer.finished().getUsage().getPromptTokens();
        assertThat(CLUSTER.metrics("language-1").value("sightline_prefix_hit_tokens_total") - recalledBefore)
                .isGreaterThanOrEqualTo(3 * ((prompt - 1) / 64 * 64));
    }

    @Test
    void answersGoOnBehindAnyOfTheirTokens() throws Exception {
        var asked = question("Describe the image.", Demo.sample());
        asked.getSamplingBuilder().setTemperature(1).setSeed(5).setN(2).setFrequencyPenalty(0.5);
        asked.getOutputBuilder().setTopLogprobs(2);
        var whole = RunningRequest.start(CLUSTER.inference(), asked.build()).awaitAnswer(LIMIT_SECONDS);
        int longest = whole.choices().stream().mapToInt(choice -> choice.tokenIds().size()).max().orElseThrow();
        for (int received = 0; received <= longest; received++) {
            var rest = RunningRequest.start(CLUSTER.inference(), resumed(asked, whole, received))
                    .awaitAnswer(LIMIT_SECONDS);
            assertThat(rest.finished().getUsage().getCompletionTokens())
                    .isEqualTo(whole.finished().getUsage().getCompletionTokens());
            int known = received;
            var unfinished = whole.choices().stream().filter(choice -> choice.tokenIds().size() > known).toList();
            assertThat(rest.choices()).hasSameSizeAs(unfinished);
            for (int i = 0; i < unfinished.size(); i++) {
                var all = unfinished.get(i);
                var more = rest.choices().get(i);
                assertThat(more.tokenIds()).isEqualTo(all.tokenIds().subList(known, all.tokenIds().size()));
                assertThat(more.logprobs()).isEqualTo(all.logprobs().subList(known, all.logprobs().size()));
                assertThat(all.text()).endsWith(more.text());
                assertThat(more.end()).isEqualTo(all.end());
            }
        }
    }

    private static GenerateRequest resumed(GenerateRequest.Builder asked, Answer whole, int received) {
        var started = whole.started();
        var resume = Resume.newBuilder()
                .setModelDigest(started.getModelDigest())
                .setLanguageFingerprint(started.getLanguageFingerprint())
                .setVisionFingerprint(started.getVisionFingerprint())
                .setSeed(started.getSeed());
        for (var choice : whole.choices())
            resume.addChoices(ResumedChoice.newBuilder()
                    .addAllTokenIds(choice.tokenIds().subList(0, Math.min(received, choice.tokenIds().size()))));
        return asked.clone().setResume(resume).build();
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
