package sightline.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import sightline.v1.ChoiceEnd;
import sightline.v1.Delta;
import sightline.v1.FinishReason;
import sightline.v1.Finished;
import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.v1.ResumedChoice;
import sightline.v1.Sampling;
import sightline.v1.Started;
import sightline.v1.TokenLogprobs;
import sightline.v1.Usage;
import sightline.wire.Failure;

/**
 * An answer as every router of a cluster gives it to the same request: ids of each choice, and the text that they make,
 * of which an odd id's is held back until the next id comes.
 */
record Tale(List<List<Integer>> choices) {
    static final Started STARTED = Started.newBuilder()
            .setRequestId("r-1")
            .setModel("m")
            .setModelDigest("digest")
            .setLanguageFingerprint("language")
            .setVisionFingerprint("vision")
            .setSeed(-7)
            .setPromptTokens(600)
            .setImageTokens(576)
            .build();

    /** With so many tokens in its choices. */
    static Tale of(int... lengths) {
        return new Tale(IntStream.range(0, lengths.length)
                .mapToObj(choice -> IntStream.range(0, lengths[choice]).map(i -> 100 * choice + 3 * i + i % 3).boxed())
                .map(ids -> ids.toList())
                .toList());
    }

    /** Over all choices. */
    int tokens() {
        return choices.stream().mapToInt(List::size).sum();
    }

    GenerateRequest.Builder request() {
        return new Question("Which?", List.of()).request()
                .setSampling(Sampling.newBuilder().setN(choices.size()));
    }

    /** What was shown when so many ids of a choice were: a function of these ids alone. */
    String text(int choice, int count) {
        var ids = choices.get(choice);
        boolean isHeldBack = count > 0 && count < ids.size() && ids.get(count - 1) % 2 == 1;
        var text = new StringBuilder();
        ids.subList(0, isHeldBack ? count - 1 : count).forEach(id -> text.append('<').append(id).append('>'));
        return text.toString();
    }

    /** What a resumed answer may not be gone on with. */
    Optional<Failure> objection(GenerateRequest request) {
        var resume = request.getResume();
        if (!request.hasResume())
            return Optional.empty();
        if (!request.getRequestId().equals(STARTED.getRequestId())
                || !resume.getModelDigest().equals(STARTED.getModelDigest())
                || !resume.getLanguageFingerprint().equals(STARTED.getLanguageFingerprint())
                || !resume.getVisionFingerprint().equals(STARTED.getVisionFingerprint())
                || resume.getSeed() != STARTED.getSeed() || resume.getChoicesCount() != choices.size())
            return Optional.of(new Failure.BadField("resume", "another answer's: " + resume));
        for (int choice = 0; choice < choices.size(); choice++) {
            var known = resume.getChoices(choice).getTokenIdsList();
            if (!known.equals(choices.get(choice).subList(0, known.size())))
                return Optional.of(new Failure.BadField("resume.choices[" + choice + "]", known + " (expected: mine)"));
        }
        return Optional.empty();
    }

    /** The events of a call, which goes on where the request says; ids are joined to deltas by chance. */
    List<GenerateResponse> events(GenerateRequest request, Random random) {
        var events = new ArrayList<GenerateResponse>();
        events.add(GenerateResponse.newBuilder().setStarted(STARTED).build());
        int[] told = IntStream.range(0, choices.size())
                .map(choice -> request.getResume()
                        .getChoicesList()
                        .stream()
                        .skip(choice)
                        .findFirst()
                        .map(ResumedChoice::getTokenIdsCount)
                        .orElse(0))
                .toArray();
        for (int choice = 0; !isWhole(told); choice = (choice + 1) % told.length) {
            int count = Math.min(1 + random.nextInt(3), choices.get(choice).size() - told[choice]);
            if (count > 0)
                events.add(GenerateResponse.newBuilder().setDelta(delta(choice, told[choice], count)).build());
            told[choice] += count;
        }
        var usage = Usage.newBuilder().setCompletionTokens(tokens());
        events.add(GenerateResponse.newBuilder().setFinished(Finished.newBuilder().setUsage(usage)).build());
        return events;
    }

    Delta delta(int choice, int from, int count) {
        var ids = choices.get(choice);
        var delta = Delta.newBuilder()
                .setChoice(choice)
                .setIndex(from)
                .addAllTokenIds(ids.subList(from, from + count))
                .setText(text(choice, from + count).substring(text(choice, from).length()));
        for (int i = from; i < from + count; i++)
            delta.addLogprobs(TokenLogprobs.newBuilder().setLogprob(-i));
        if (from + count == ids.size())
            delta.setEnd(end(choice));
        return delta.build();
    }

    ChoiceEnd end(int choice) {
        return ChoiceEnd.newBuilder()
                .setReason(FinishReason.FINISH_REASON_STOP)
                .setTokenId(choices.get(choice).getLast())
                .build();
    }

    private boolean isWhole(int[] told) {
        return IntStream.range(0, told.length).allMatch(choice -> told[choice] == choices.get(choice).size());
    }
}
