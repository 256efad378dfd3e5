package sightline.deploy.client;

import java.util.ArrayList;
import java.util.List;

import sightline.v1.ChoiceEnd;
import sightline.v1.Delta;
import sightline.v1.Finished;
import sightline.v1.Started;
import sightline.v1.TokenLogprobs;

/** A whole answer, put together from its stream. */
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

    /** Gathers one choice from its deltas, in their order. */
    static final class Gathering {

        private final StringBuilder text = new StringBuilder();
        private final List<Integer> tokenIds = new ArrayList<>();
        private final List<TokenLogprobs> logprobs = new ArrayList<>();
        private ChoiceEnd end = ChoiceEnd.getDefaultInstance();

        void add(Delta delta) {
            text.append(delta.getText());
            tokenIds.addAll(delta.getTokenIdsList());
            logprobs.addAll(delta.getLogprobsList());
            if (delta.hasEnd()) {
                end = delta.getEnd();
            }
        }

        Choice choice() {
            return new Choice(text.toString(), tokenIds, logprobs, end);
        }
    }
}
