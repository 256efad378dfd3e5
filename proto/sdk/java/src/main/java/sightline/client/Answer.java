package sightline.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import sightline.v1.ChoiceEnd;
import sightline.v1.Delta;
import sightline.v1.Finished;
import sightline.v1.GenerateResponse;
import sightline.v1.Started;
import sightline.v1.TokenLogprobs;

/** A whole answer, put together from its events. */
public record Answer(Started started, List<Choice> choices, Finished finished) {

    public Answer {
        choices = List.copyOf(choices);
    }

    /**
     * One of the answers to the same prompt.
     *
     * @param logprobs one per id where they were asked for, else none
     */
    public record Choice(String text, List<Integer> tokenIds, List<TokenLogprobs> logprobs, ChoiceEnd end) {

        public Choice {
            tokenIds = List.copyOf(tokenIds);
            logprobs = List.copyOf(logprobs);
        }
    }

    /** The text of the usual single answer. */
    public String text() {
        return choices.getFirst().text();
    }

    /** Puts an answer together from its events, each given once and in order. Not for several threads. */
    public static final class Gathering {
        private final TreeMap<Integer, GatheredChoice> choices = new TreeMap<>();
        private Optional<Started> started = Optional.empty();
        private Optional<Finished> finished = Optional.empty();

        public void accept(GenerateResponse event) {
            switch (event.getEventCase()) {
                case STARTED -> started = Optional.of(event.getStarted());
                case DELTA -> choices.computeIfAbsent(event.getDelta().getChoice(), _ -> new GatheredChoice())
                        .add(event.getDelta());
                case FINISHED -> finished = Optional.of(event.getFinished());
                case EVENT_NOT_SET -> {
                    // an event of a newer server
                }
            }
        }

        /**
         * The answer, once its stream has ended without an error.
         *
         * @throws RequestFailed where it is not whole
         */
        public Answer answer() {
            if (started.isEmpty() || finished.isEmpty())
                throw RequestFailed.unfinished();
            return new Answer(started.get(), choices.values().stream().map(GatheredChoice::choice).toList(),
                    finished.get());
        }
    }

    private static final class GatheredChoice {
        private final StringBuilder text = new StringBuilder();
        private final List<Integer> tokenIds = new ArrayList<>();
        private final List<TokenLogprobs> logprobs = new ArrayList<>();
        private ChoiceEnd end = ChoiceEnd.getDefaultInstance();

        void add(Delta delta) {
            text.append(delta.getText());
            tokenIds.addAll(delta.getTokenIdsList());
            logprobs.addAll(delta.getLogprobsList());
            if (delta.hasEnd())
                end = delta.getEnd();
        }

        Choice choice() {
            return new Choice(text.toString(), tokenIds, logprobs, end);
        }
    }
}
