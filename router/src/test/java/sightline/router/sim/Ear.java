package sightline.router.sim;

import java.util.function.Consumer;

/** Two functions as a listener. */
record Ear<M>(Consumer<M> words, Consumer<String> end) implements Call.Listener<M> {
    static <M> Ear<M> of(Consumer<M> words, Consumer<String> end) {
        return new Ear<>(words, end);
    }

    @Override
    public void said(M message) {
        words.accept(message);
    }

    @Override
    public void closed(String why) {
        end.accept(why);
    }
}
