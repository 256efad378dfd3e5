package sightline.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.v1.Delta;
import sightline.v1.GenerateResponse;
import sightline.v1.Started;

class TranscriptTest {
    private final Tale tale = Tale.of(6, 2);
    private final Transcript transcript = new Transcript(tale.request().build());

    @Test
    void theFirstRequestIsTheCallersAndTheNextGoesOn() {
        assertThat(transcript.nextRequest()).isEqualTo(tale.request().build());
        accept(Tale.STARTED);
        accept(tale.delta(1, 0, 1));
        accept(tale.delta(0, 0, 2));
        accept(tale.delta(0, 2, 1));
        var next = transcript.nextRequest();
        assertThat(next.getConversation()).isEqualTo(tale.request().getConversation());
        assertThat(tale.objection(next)).isEmpty();
        assertThat(next.getResume().getChoices(0).getTokenIdsList()).isEqualTo(tale.choices().get(0).subList(0, 3));
        assertThat(next.getResume().getChoices(1).getTokenIdsList()).isEqualTo(tale.choices().get(1).subList(0, 1));
    }

    @Test
    void aRequestThatItselfGoesOnIsGoneOnWith() {
        begin(tale.delta(0, 0, 4));
        var resumed = new Transcript(transcript.nextRequest());
        resumed.nextRequest();
        assertThat(resumed.accept(event(Tale.STARTED))).isTrue();
        assertThat(resumed.accept(event(tale.delta(0, 4, 1)))).isTrue();
        assertThat(resumed.nextRequest().getResume().getChoices(0).getTokenIdsList())
                .isEqualTo(tale.choices().get(0).subList(0, 5));
    }

    @Test
    void whatIsKnownIsNoNews() {
        begin(tale.delta(0, 0, 3), tale.delta(1, 0, 2));
        transcript.nextRequest();
        assertThat(accept(Tale.STARTED)).isFalse();
        assertThat(accept(Tale.STARTED)).isFalse();
        assertThat(accept(tale.delta(0, 0, 3))).isFalse();
        assertThat(accept(tale.delta(0, 1, 1))).isFalse();
        assertThat(accept(tale.delta(1, 0, 2))).as("its end included").isFalse();
        assertThat(accept(Delta.newBuilder().setChoice(1).setIndex(2).setEnd(tale.end(1)).build())).isFalse();
        assertThat(accept(tale.delta(0, 3, 1))).isTrue();
    }

    @Test
    void anEventOfANewerServerIsNoNews() {
        begin();
        assertThat(transcript.accept(GenerateResponse.getDefaultInstance())).isFalse();
    }

    @Test
    void tokensThatDoNotFollowAreRefused() {
        begin(tale.delta(0, 0, 3), tale.delta(1, 0, 2));
        refuses(tale.delta(0, 4, 1), "a gap");
        refuses(tale.delta(0, 2, 2), "known and new: the text cannot be told apart");
        refuses(tale.delta(0, 0, 2).toBuilder().setTokenIds(1, 9).build(), "another token");
        refuses(tale.delta(0, 0, 2).toBuilder().setEnd(tale.end(0)).build(), "an end that came before");
        refuses(tale.delta(1, 0, 2).toBuilder().setEnd(tale.end(0)).build(), "another end");
        refuses(Delta.newBuilder().setChoice(1).setIndex(2).addTokenIds(5).build(), "a token after the end");
        refuses(tale.delta(0, 0, 1).toBuilder().setIndex(-1).build(), "no index");
        refuses(tale.delta(0, 3, 1).toBuilder().setChoice(2).build(), "a choice too many");
        refuses(tale.delta(0, 3, 1).toBuilder().setChoice(-1).build(), "no choice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"request_id", "model", "model_digest", "language_fingerprint", "vision_fingerprint", "seed",
        "prompt_tokens", "image_tokens"})
    void anAnswerGoesOnAsItBegan(String name) {
        begin();
        transcript.nextRequest();
        var other = Started.newBuilder(Tale.STARTED).clearField(Started.getDescriptor().findFieldByName(name)).build();
        assertThatThrownBy(() -> accept(other)).isInstanceOfSatisfying(RequestFailed.class, failed -> {
            assertThat(failed.received().status()).isEqualTo("DATA_LOSS");
            assertThat(failed.received().reason()).contains("DIVERGED");
            assertThat(failed).hasMessageContaining(name);
        });
    }

    @Test
    void everyStreamIntroducesItself() {
        begin(tale.delta(0, 0, 3));
        transcript.nextRequest();
        refuses(tale.delta(0, 3, 1), "no Started");
        var finished = tale.events(tale.request().build(), new Random(1)).getLast();
        assertThatThrownBy(() -> transcript.accept(finished)).isInstanceOf(RequestFailed.class);
        assertThat(transcript.isWhole()).isFalse();
        accept(Tale.STARTED);
        assertThat(transcript.accept(finished)).isTrue();
        assertThat(transcript.isWhole()).isTrue();
    }

    private void begin(Delta... deltas) {
        transcript.nextRequest();
        assertThat(accept(Tale.STARTED)).isTrue();
        List.of(deltas).forEach(delta -> assertThat(accept(delta)).isTrue());
    }

    private void refuses(Delta delta, String why) {
        assertThatThrownBy(() -> accept(delta)).as(why)
                .isInstanceOfSatisfying(RequestFailed.class,
                        failed -> assertThat(failed.received().status()).isEqualTo("DATA_LOSS"));
    }

    private boolean accept(Started started) {
        return transcript.accept(event(started));
    }

    private boolean accept(Delta delta) {
        return transcript.accept(event(delta));
    }

    private static GenerateResponse event(Started started) {
        return GenerateResponse.newBuilder().setStarted(started).build();
    }

    private static GenerateResponse event(Delta delta) {
        return GenerateResponse.newBuilder().setDelta(delta).build();
    }
}
