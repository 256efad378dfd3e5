package sightline.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.client.Scripts.Break;
import sightline.v1.GenerateResponse;
import sightline.wire.Failure;
import sightline.wire.Received;

/** One client against two routers that do as the test says, over real connections. */
@Timeout(60)
class SightlineClientTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Tale TALE = Tale.of(5);
    private static final RetryRule QUICK = new RetryRule(Duration.ofMillis(2), Duration.ofMillis(20), 2,
            Duration.ofSeconds(10));

    private ScriptedRouter first;
    private ScriptedRouter second;
    private SightlineClient client;

    @BeforeEach
    void start() throws IOException {
        first = new ScriptedRouter();
        second = new ScriptedRouter();
        client = new SightlineClient(List.of(first.endpoint(), second.endpoint()), QUICK);
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        first.close();
        second.close();
    }

    @Test
    void everyCallOfARequestSaysForWhomItIs() throws InterruptedException {
        first.play(Scripts.refusal(new Failure.Overloaded("full", Duration.ofMillis(1))));
        second.play(Scripts.whole(TALE, new Random(1)));
        try (var ofTenant = new SightlineClient(List.of(first.endpoint(), second.endpoint()), "acme")) {
            assertThat(ofTenant.generate(TALE.request().build(), LIMIT).answer().text()).isEqualTo(TALE.text(0, 5));
        }
        assertThat(first.awaitTenant()).isEqualTo("acme");
        assertThat(second.awaitTenant()).isEqualTo("acme");
        assertThatThrownBy(() -> new SightlineClient(List.of(first.endpoint()), "two words"))
                .hasMessageContaining("two words");
    }

    @Test
    void aRefusedRequestIsSentAgainAfterTheWaitThatWasAskedFor() {
        var wait = Duration.ofMillis(200);
        first.play(Scripts.refusal(new Failure.Overloaded("full", wait)));
        second.play(Scripts.whole(TALE, new Random(1)));
        long beganNanos = System.nanoTime();
        assertThat(ask().text()).isEqualTo(TALE.text(0, 5));
        assertThat(System.nanoTime() - beganNanos).isGreaterThanOrEqualTo(wait.toNanos());
        assertThat(second.takeRequests()).containsExactly(TALE.request().build());
    }

    @Test
    void aRouterThatGoesAwayIsLeftAtOnceEvenInTheMiddle() {
        first.play((request, responses) -> {
            TALE.events(request, new Random(1)).stream().limit(2).forEach(responses::onNext);
            Scripts.refusal(new Failure.Draining("going")).answer(request, responses);
        });
        second.play(Scripts.whole(TALE, new Random(1)));
        assertThat(ask().text()).isEqualTo(TALE.text(0, 5));
        assertThat(second.takeRequests()).allMatch(request -> request.hasResume()).hasSize(1);
    }

    @Test
    void whatIsFinalIsReportedAtOnceWithAllThatTheServerSaid() {
        first.play(Scripts.refusal(new Failure.BadField("sampling.top_p", "2.0 (expected: (0, 1])")));
        var failure = failure();
        assertThat(failure.status()).isEqualTo("INVALID_ARGUMENT");
        assertThat(failure.reason()).contains("BAD_FIELD");
        assertThat(failure.violations())
                .containsExactly(new Received.Violation("sampling.top_p", "2.0 (expected: (0, 1])"));
        assertThat(second.takeRequests()).isEmpty();
    }

    @Test
    void aWaitThatTheDeadlineDoesNotLeaveIsReportedAtOnce() {
        first.play(Scripts.refusal(new Failure.Overloaded("full", LIMIT)));
        assertThat(failure().reason()).contains("OVERLOADED");
    }

    @Test
    void aRefusalToGoOnIsReported() {
        first.play(Scripts.cut(TALE, new Random(1), 2, Break.UNAVAILABLE, first.link()));
        second.play(Scripts.refusal(new Failure.BadField("resume", "a resumed answer (expected: unset)")));
        assertThat(failure().fields()).containsExactly("resume");
    }

    @Test
    void anotherAnswerIsNeverGoneOnWith() throws InterruptedException {
        first.play(Scripts.cut(TALE, new Random(1), 2, Break.UNAVAILABLE, first.link()));
        var other = Tale.STARTED.toBuilder().setLanguageFingerprint("other");
        second.play(Scripts.words(List.of(GenerateResponse.newBuilder().setStarted(other).build())));
        var failure = failure();
        assertThat(failure.status()).isEqualTo("DATA_LOSS");
        assertThat(failure.message()).contains("language_fingerprint", "other", "language");
        second.awaitCancellation();
    }

    @Test
    void ourOwnOlderCallIsWaitedFor() {
        try (var single = new SightlineClient(List.of(first.endpoint()), QUICK)) {
            var duplicate = Scripts.refusal(new Failure.DuplicateRequest("r-1"));
            first.play(Scripts.cut(TALE, new Random(1), 2, Break.UNAVAILABLE, first.link()), duplicate, duplicate,
                    Scripts.whole(TALE, new Random(1)));
            assertThat(single.generate(TALE.request().build(), LIMIT).answer().text()).isEqualTo(TALE.text(0, 5));
        }
    }

    @Test
    void aStreamThatEndsWellAndTooEarlyIsAFailure() {
        first.play((request, responses) -> {
            responses.onNext(TALE.events(request, new Random(1)).getFirst());
            responses.onCompleted();
        });
        assertThat(failure().message()).isEqualTo("the stream ended without Finished");
    }

    @Test
    void aRouterThatIsDownIsPassedOverAndAskedAgainWhenItIsBack() {
        first.link().refuse(5);
        first.playAlways(Scripts.whole(TALE, new Random(1)));
        try (var single = new SightlineClient(List.of(first.endpoint()),
                new RetryRule(Duration.ofMillis(2), Duration.ofMillis(20), 10, Duration.ofSeconds(10)))) {
            assertThat(single.generate(TALE.request().build(), LIMIT).answer().text()).isEqualTo(TALE.text(0, 5));
        }
        assertThat(first.link().refusalsLeft()).isZero();
    }

    @Test
    void requestsBeginWithTheRoutersInTurn() {
        for (var router : List.of(first, second))
            router.playAlways(Scripts.whole(TALE, new Random(1)));
        for (int i = 0; i < 4; i++)
            ask();
        assertThat(first.takeRequests()).hasSize(2);
        assertThat(second.takeRequests()).hasSize(2);
    }

    @Test
    void whereNobodyIsReachedTheFailureSaysWho() throws IOException {
        first.link().close();
        second.link().close();
        assertThat(failure()).isEqualTo(new Received("UNAVAILABLE", Optional.empty(),
                second.endpoint() + ": cannot be reached (expected: a running router's public port)", List.of(),
                Optional.empty()));
        assertThatThrownBy(() -> client.listModels(LIMIT)).hasMessageContaining("cannot be reached");
        try (var nowhere = SightlineClient.to("nowhere.invalid:7070")) {
            assertThatThrownBy(() -> nowhere.generate(TALE.request().build(), LIMIT).hasNext())
                    .hasMessageStartingWith("nowhere.invalid:7070: no such host");
        }
    }

    @Test
    void modelsAreThoseOfTheFirstRouterThatIsReached() throws IOException {
        first.link().close();
        assertThat(client.listModels(LIMIT)).hasSize(1);
    }

    @Test
    void theDeadlineEndsASilentRouter() {
        first.play(Scripts.silence());
        var stream = client.generate(TALE.request().build(), Duration.ofMillis(50));
        var failure = catchThrowableOfType(RequestFailed.class, stream::hasNext).received();
        assertThat(failure.status()).isEqualTo("DEADLINE_EXCEEDED");
        assertThat(failure.message()).isEqualTo(
                first.endpoint() + ": no whole answer within 0.05 s (expected: one within the timeout)");
    }

    @Test
    void closingTheStreamEndsTheCallOnBothSides() throws Exception {
        first.play(Scripts.words(TALE.events(TALE.request().build(), new Random(1)).subList(0, 2)));
        var begun = new CountDownLatch(2);
        var stream = client.generate(TALE.request().build());
        var answer = stream.listen(_ -> begun.countDown());
        begun.await();
        stream.close();
        first.awaitCancellation();
        assertCancelled(answer);
        assertThatThrownBy(stream::hasNext).isInstanceOf(RequestFailed.class);
    }

    @Test
    void cancellingTheFutureEndsTheCall() throws Exception {
        first.play(Scripts.silence());
        var answer = client.generate(TALE.request().build()).listen(_ -> {});
        first.awaitRequest();
        assertThat(answer.cancel(true)).isTrue();
        first.awaitCancellation();
        assertThatThrownBy(answer::join).isInstanceOf(CancellationException.class);
    }

    @Test
    void aWaitIsEndedByClosingTheClient() throws Exception {
        first.play(Scripts.refusal(new Failure.Overloaded("full", Duration.ofSeconds(7))));
        var answer = client.generate(TALE.request().build()).listen(_ -> {});
        first.awaitRequest();
        client.close();
        assertCancelled(answer);
    }

    @Test
    void anInterruptedReaderSeesCancelled() throws Exception {
        first.play(Scripts.silence());
        var seen = new CompletableFuture<RequestFailed>();
        var stream = client.generate(TALE.request().build());
        var reader = Thread.startVirtualThread(
                () -> seen.complete(catchThrowableOfType(RequestFailed.class, stream::hasNext)));
        first.awaitRequest();
        reader.interrupt();
        assertThat(seen.join().received().status()).isEqualTo("CANCELLED");
        first.awaitCancellation();
    }

    @Test
    void whatAListenerThrowsEndsTheCall() throws InterruptedException {
        first.play(Scripts.words(TALE.events(TALE.request().build(), new Random(1)).subList(0, 2)));
        var answer = client.generate(TALE.request().build()).listen(_ -> {
            throw new IllegalStateException("not today");
        });
        assertThatThrownBy(answer::join).hasRootCauseMessage("not today");
        first.awaitCancellation();
    }

    @Test
    void aClientNeedsARouter() {
        assertThatThrownBy(() -> new SightlineClient(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SightlineClient.to("nowhere")).isInstanceOf(IllegalArgumentException.class);
    }

    private Answer ask() {
        return client.generate(TALE.request().build(), LIMIT).answer();
    }

    private Received failure() {
        return catchThrowableOfType(RequestFailed.class, this::ask).received();
    }

    private static void assertCancelled(CompletableFuture<Answer> answer) {
        assertThatThrownBy(answer::join).hasCauseInstanceOf(RequestFailed.class)
                .cause()
                .isInstanceOfSatisfying(RequestFailed.class,
                        failed -> assertThat(failed.received().status()).isEqualTo("CANCELLED"));
    }
}
