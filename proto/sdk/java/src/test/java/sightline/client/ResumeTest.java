package sightline.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.client.Scripts.Break;
import sightline.v1.Delta;
import sightline.v1.GenerateResponse;

/** Answers whose routers are lost, at every place: the caller sees one answer, whole, each event once. */
@Timeout(60)
class ResumeTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final RetryRule QUICK = new RetryRule(Duration.ofMillis(2), Duration.ofMillis(20), 2,
            Duration.ofSeconds(10));
    private static final List<Tale> TALES = List.of(Tale.of(1), Tale.of(12), Tale.of(7, 4), Tale.of(1, 6, 3));

    private ScriptedRouter first;
    private ScriptedRouter second;

    @BeforeEach
    void start() throws IOException {
        first = new ScriptedRouter();
        second = new ScriptedRouter();
    }

    @AfterEach
    void stop() throws IOException {
        first.close();
        second.close();
    }

    static Stream<Arguments> everyTaleAndBreak() {
        return TALES.stream().flatMap(tale -> Stream.of(Break.values()).map(how -> Arguments.of(tale, how)));
    }

    @ParameterizedTest
    @MethodSource("everyTaleAndBreak")
    void anotherRouterGoesOnWhereverTheFirstIsLost(Tale tale, Break how) {
        int events = tale.events(tale.request().build(), new Random(1)).size();
        for (int cut = 0; cut <= events; cut++) {
            first.play(Scripts.cut(tale, new Random(1), cut, how, first.link()));
            second.playAlways(Scripts.whole(tale, new Random(cut)));
            try (var client = new SightlineClient(List.of(first.endpoint(), second.endpoint()), QUICK)) {
                assertWhole(tale, client.generate(tale.request().build(), LIMIT), resetAfter(cut, how));
            }
            assertThat(first.takeRequests()).containsExactly(tale.request().build());
            boolean isBegun = cut > 0;
            assertThat(second.takeRequests()).hasSize(cut < events ? 1 : 0)
                    .allMatch(request -> request.hasResume() == isBegun);
        }
    }

    @ParameterizedTest
    @MethodSource("everyTaleAndBreak")
    void theSameRouterGoesOnWhenItIsBack(Tale tale, Break how) {
        int events = tale.events(tale.request().build(), new Random(1)).size();
        try (var client = new SightlineClient(List.of(first.endpoint()), QUICK)) {
            for (int cut = 0; cut < events; cut++) {
                first.play(Scripts.cut(tale, new Random(1), cut, how, first.link()),
                        Scripts.whole(tale, new Random(cut)));
                assertWhole(tale, client.generate(tale.request().build(), LIMIT), resetAfter(cut, how));
                assertThat(first.takeRequests()).hasSize(2);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyTaleAndBreak")
    void everyCallMayBreakWhileEachBringsOneEvent(Tale tale, Break how) {
        var random = new Random(3);
        for (var router : List.of(first, second))
            router.playAlways(Scripts.cut(tale, random, 2, how, router.link()));
        try (var client = new SightlineClient(List.of(first.endpoint(), second.endpoint()), QUICK)) {
            assertWhole(tale, client.generate(tale.request().build(), LIMIT), event -> {
                if (how == Break.RESET && !event.hasStarted()) {
                    first.link().reset();
                    second.link().reset();
                }
            });
        }
    }

    @Test
    void everyEventMakesTheNextWaitShortAgain() {
        var tale = Tale.of(60);
        first.playAlways(Scripts.cut(tale, new Random(1), 2, Break.UNAVAILABLE, first.link()));
        var unbounded = new RetryRule(Duration.ofMillis(2), Duration.ofHours(1), 2, Duration.ofDays(1));
        try (var client = new SightlineClient(List.of(first.endpoint()), unbounded)) {
            assertWhole(tale, client.generate(tale.request().build(), LIMIT), _ -> {});
        }
    }

    private Consumer<GenerateResponse> resetAfter(int events, Break how) {
        int[] seen = {0};
        return _ -> {
            if (++seen[0] == events && how == Break.RESET)
                first.link().reset();
        };
    }

    /** The text that has come is, after each event, what the ids that have come make. */
    private static void assertWhole(Tale tale, AnswerStream stream, Consumer<GenerateResponse> listener) {
        var events = new ArrayList<GenerateResponse>();
        var told = new int[tale.choices().size()];
        var texts = IntStream.range(0, told.length).mapToObj(_ -> new StringBuilder()).toList();
        var answer = stream.answer(event -> {
            events.add(event);
            if (event.hasDelta())
                assertNext(tale, event.getDelta(), told, texts.get(event.getDelta().getChoice()));
            listener.accept(event);
        });
        assertThat(events.stream().filter(GenerateResponse::hasStarted)).hasSize(1);
        assertThat(events.stream().filter(GenerateResponse::hasFinished)).hasSize(1);
        assertThat(events.getFirst().getStarted()).isEqualTo(Tale.STARTED);
        assertThat(answer.choices()).hasSize(told.length);
        for (int choice = 0; choice < told.length; choice++) {
            var got = answer.choices().get(choice);
            assertThat(got.tokenIds()).isEqualTo(tale.choices().get(choice));
            assertThat(got.text()).isEqualTo(tale.text(choice, told[choice]));
            assertThat(got.end()).isEqualTo(tale.end(choice));
            assertThat(got.logprobs()).hasSameSizeAs(got.tokenIds());
        }
        assertThat(answer.finished().getUsage().getCompletionTokens()).isEqualTo(tale.tokens());
    }

    private static void assertNext(Tale tale, Delta delta, int[] told, StringBuilder text) {
        int choice = delta.getChoice();
        assertThat(delta.getIndex()).isEqualTo(told[choice]);
        told[choice] += delta.getTokenIdsCount();
        assertThat(text.append(delta.getText()).toString()).isEqualTo(tale.text(choice, told[choice]));
    }
}
