package sightline.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import sightline.client.Answer;
import sightline.client.Question;
import sightline.deploy.HeldOutSet.Item;
import sightline.deploy.client.RunningRequest;
import sightline.v1.GenerateRequest;
import sightline.v1.InferenceGrpc.InferenceStub;
import sightline.v1.Sampling;

/** What a served cluster answers to the held-out questions, greedily, many at a time. */
record HeldOutAnswers(List<Answered> all) {
    private static final int AT_A_TIME = 16;
    private static final long LIMIT_SECONDS = 60;

    record Answered(Item item, Answer answer) {
        boolean isRight() {
            return answer.text().strip().equals(item.right());
        }

        List<Integer> ids() {
            return answer.choices().getFirst().tokenIds();
        }
    }

    static HeldOutAnswers ask(InferenceStub inference, HeldOutSet questions) throws Exception {
        var places = new Semaphore(AT_A_TIME);
        var running = new ArrayList<RunningRequest>();
        for (Item item : questions.items()) {
            places.acquire();
            running.add(RunningRequest.start(inference, request(item), places::release));
        }
        var answers = new ArrayList<Answered>();
        for (int i = 0; i < running.size(); i++)
            answers.add(new Answered(questions.items().get(i), running.get(i).awaitAnswer(LIMIT_SECONDS)));
        return new HeldOutAnswers(answers);
    }

    private static GenerateRequest request(Item item) {
        return new Question(item.question(), List.of(item.picture())).request()
                .setSampling(Sampling.newBuilder().setTemperature(0))
                .build();
    }

    double accuracy() {
        return share(all);
    }

    /** A table of accuracy by kind of question. */
    String table(String title) {
        Map<String, List<Answered>> kinds = new TreeMap<>();
        all.forEach(one -> kinds.computeIfAbsent(one.item().kind(), _ -> new ArrayList<>()).add(one));
        kinds.put("~ all", all);
        var text = new StringBuilder(title).append('\n');
        kinds.forEach((kind, some) -> text.append("  %-12s %.4f of %d%n".formatted(kind, share(some), some.size())));
        return text.toString();
    }

    private static double share(List<Answered> some) {
        return (double) some.stream().filter(Answered::isRight).count() / some.size();
    }
}
