package sightline.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import sightline.client.Question;
import sightline.deploy.client.RunningRequest;
import sightline.deploy.cluster.ServedCluster;
import sightline.v1.Conversation;
import sightline.v1.GenerateRequest;
import sightline.v1.Image;
import sightline.v1.InferenceGrpc.InferenceStub;
import sightline.v1.Message;
import sightline.v1.Output;
import sightline.v1.Part;
import sightline.v1.Sampling;
import sightline.v1.Stopping;

/** A whole model directory as transformers saves it, and what it answers: greedy ids, their logprobs and their text. */
record ServedGolden(Path folder) {
    private static final Path GOLDEN = Path.of(System.getProperty("sightline.golden"));
    private static final List<String> PICTURES = List.of("wide.png", "tall.jpg");
    private static final double TOLERANCE = 1e-3;
    private static final long LIMIT_SECONDS = 60;

    static ServedGolden of(String name) {
        return new ServedGolden(GOLDEN.resolve("served").resolve(name));
    }

    ServedCluster cluster() {
        return new ServedCluster(
                Map.of("model.dir", folder.resolve("checkpoint").toString(), "model.dtype", "float32"));
    }

    /** Asks all at once, and holds every answer against the one of transformers. */
    void assertAnswered(InferenceStub inference) throws Exception {
        var goldens = new ObjectMapper().readTree(folder.resolve("requests.json").toFile());
        var running = new ArrayList<RunningRequest>();
        for (var golden : goldens)
            running.add(RunningRequest.start(inference, request(golden)));
        assertThat(running).isNotEmpty();
        for (int i = 0; i < running.size(); i++)
            assertEqual(running.get(i), goldens.get(i));
    }

    private static void assertEqual(RunningRequest running, JsonNode golden) throws Exception {
        var answer = running.awaitAnswer(LIMIT_SECONDS);
        var choice = answer.choices().getFirst();
        var asked = golden.has("prompt") ? golden.get("prompt").asText() : golden.get("parts").toString();
        assertThat(answer.finished().getUsage().getPromptTokens()).as(asked).isEqualTo(golden.get("prompt_ids").size());
        assertThat(choice.tokenIds()).as(asked).isEqualTo(elements(golden, "ids").map(JsonNode::asInt).toList());
        assertThat(choice.text()).as(asked).isEqualTo(golden.get("text").asText());
        var logprobs = elements(golden, "logprobs").map(JsonNode::asDouble).toList();
        for (int i = 0; i < logprobs.size(); i++)
            assertThat(choice.logprobs().get(i).getLogprob()).as("%s, token %s", asked, i)
                    .isCloseTo(logprobs.get(i), within(TOLERANCE));
    }

    private static Stream<JsonNode> elements(JsonNode golden, String field) {
        return StreamSupport.stream(golden.get(field).spliterator(), false);
    }

    private static GenerateRequest request(JsonNode golden) throws IOException {
        var pictures = new ArrayList<ByteString>();
        for (var file : PICTURES.subList(0, golden.get("pictures").asInt()))
            pictures.add(ByteString.copyFrom(Files.readAllBytes(GOLDEN.resolve("phi").resolve(file))));
        var request = golden.has("prompt")
                ? new Question(golden.get("prompt").asText(), pictures).rawRequest()
                : conversation(golden.get("parts"), pictures);
        return request.setSampling(Sampling.newBuilder().setTemperature(0))
                .setStopping(Stopping.newBuilder().setIgnoreEos(true).setMaxNewTokens(golden.get("ids").size()))
                .setOutput(Output.newBuilder().setTopLogprobs(1))
                .build();
    }

    private static GenerateRequest.Builder conversation(JsonNode parts, List<ByteString> pictures) {
        var message = Message.newBuilder().setRole("user");
        var next = pictures.iterator();
        for (var part : parts)
            message.addParts(part.has("text")
                    ? Part.newBuilder().setText(part.get("text").asText())
                    : Part.newBuilder().setImage(Image.newBuilder().setEncoded(next.next())));
        return GenerateRequest.newBuilder().setConversation(Conversation.newBuilder().addMessages(message));
    }
}
