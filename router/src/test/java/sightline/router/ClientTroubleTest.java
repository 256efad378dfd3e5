package sightline.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.router.fleet.DemoModel;
import sightline.router.fleet.JobId;
import sightline.router.request.RequestLimits;
import sightline.router.request.RequestParser;
import sightline.router.request.Requests;
import sightline.router.session.Client;
import sightline.router.session.Sessions;
import sightline.stage.v1.Role;
import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.v1.InferenceGrpc;
import sightline.wire.Failure;
import sightline.wire.Tenants;

/** Clients that cancel, do not read, ask too much, too often or too late. */
@Timeout(60)
class ClientTroubleTest {
    private static final FakeLanguage.Manner SHORT_ANSWER = new FakeLanguage.Manner.Say(
            DemoModel.config().generation().endIds().subList(0, 1));

    private final FakeLanguage language = new FakeLanguage(new FakeLanguage.Manner.Hold());
    private final FakeVision vision = new FakeVision("vision-1", new FakeVision.Manner.Encode());
    private final FakeNode languageNode = new FakeNode("language-1", Role.ROLE_LANGUAGE, language);
    private final FakeNode visionNode = new FakeNode("vision-1", Role.ROLE_VISION, vision);

    @AfterEach
    void stop() {
        languageNode.close();
        visionNode.close();
    }

    private TestRouter router(Map<String, String> settings) throws InterruptedException {
        var router = new TestRouter(settings);
        router.knows(languageNode, visionNode);
        router.awaitServing(true);
        return router;
    }

    @Test
    void cancellingDuringEncodeReachesTheVisionNode() throws Exception {
        try (var router = router(Map.of())) {
            vision.will(new FakeVision.Manner.Hold());
            var call = Call.start(router.stub(), aboutAPicture("c1"));
            long item = vision.asked.take().getItem();
            call.cancel();
            assertThat(vision.cancelled.poll(10, TimeUnit.SECONDS)).isEqualTo(item);
            assertThat(call.failure().status()).isEqualTo("CANCELLED");
            assertThat(language.begins).isEmpty();
        }
    }

    @Test
    void cancellingDuringPrefillAndDecodeReachesTheLanguageNode() throws Exception {
        try (var router = router(Map.of())) {
            var held = Call.start(router.stub(), aboutAPicture("c2"));
            language.begins.take();
            held.cancel();
            assertThat(language.cancelled.poll(10, TimeUnit.SECONDS)).isEqualTo("c2");
            language.will(new FakeLanguage.Manner.SayForEver(List.of(300)));
            var running = Call.startWithoutReading(router.stub(), Requests.question("?").setRequestId("c3"));
            running.next();
            running.cancel();
            assertThat(language.cancelled.poll(10, TimeUnit.SECONDS)).isEqualTo("c3");
            assertThat(language.running()).isZero();
            awaitNoneRunning(router);
            assertThat(vision.leases).isEmpty();
            assertThat(router.metric("sightline_requests_total", "outcome", "CANCELLED")).isEqualTo(2);
        }
    }

    @Test
    void aClientThatDoesNotReadHoldsAtMostItsCreditAndIsGivenUp() throws Exception {
        try (var router = router(Map.of("slow-client-after", "1s", "token-credit", "16"))) {
            language.will(new FakeLanguage.Manner.SayForEver(List.of(300)));
            var call = Call.startWithoutReading(router.stub(), Requests.question("?").setRequestId("slow"));
            assertThat(call.next().hasStarted()).isTrue();
            assertThat(language.cancelled.poll(10, TimeUnit.SECONDS)).isEqualTo("slow");
            call.read(1000);
            var received = call.failure();
            assertThat(received.status()).isEqualTo("RESOURCE_EXHAUSTED");
            assertThat(received.reason()).hasValue("SLOW_CLIENT");
        }
    }

    @Test
    void aClientThatReadsSlowlyGetsEverything() throws Exception {
        try (var router = router(Map.of("slow-client-after", "1s", "token-credit", "4"))) {
            var ids = IntStream.range(0, 60).mapToObj(i -> i == 59 ? endId() : 300 + i).toList();
            language.will(new FakeLanguage.Manner.Say(ids));
            var call = Call.startWithoutReading(router.stub(), Requests.question("?"));
            call.next();
            call.read(1);
            for (var event = call.next(); !event.hasFinished(); event = call.next())
                call.read(1);
            call.read(1);
            assertThat(call.ids()).isEqualTo(ids);
        }
    }

    @Test
    void aRunningRequestIdIsRefusedAndFreeAgainAfterwards() throws Exception {
        try (var router = router(Map.of())) {
            var first = Call.start(router.stub(), Requests.question("?").setRequestId("twice"));
            language.begins.take();
            var received = Call.start(router.stub(), Requests.question("?").setRequestId("twice")).failure();
            assertThat(received.status()).isEqualTo("ALREADY_EXISTS");
            assertThat(received.reason()).hasValue("DUPLICATE_REQUEST");
            first.cancel();
            language.will(SHORT_ANSWER);
            awaitNoneRunning(router);
            assertThat(Call.start(router.stub(), Requests.question("?").setRequestId("twice")).answer()).isNotEmpty();
        }
    }

    @Test
    void aTenantIsToldToTheReplicaAndHasRequestIdsOfItsOwn() throws Exception {
        try (var router = router(Map.of())) {
            var first = Call.start(router.stub(), Requests.question("?").setRequestId("twice"));
            assertThat(language.begins.take().getTenant()).isEmpty();
            var other = Call.start(of("acme", router.stub()), Requests.question("?").setRequestId("twice"));
            assertThat(language.begins.take().getTenant()).isEqualTo("acme");
            for (var bad : List.of("x".repeat(129), "two words", "\u0007"))
                assertThat(Call.start(of(bad, router.stub()), Requests.question("?")).failure().violations())
                        .singleElement()
                        .satisfies(violation -> assertThat(violation.field()).isEqualTo("sightline-tenant"));
            first.cancel();
            other.cancel();
            awaitNoneRunning(router);
        }
    }

    private static InferenceGrpc.InferenceStub of(String tenant, InferenceGrpc.InferenceStub stub) {
        var headers = new Metadata();
        headers.put(Tenants.KEY, tenant);
        return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    @Test
    void oneRequestTooManyIsRefusedAtOnceWithATimeToRetryAfter() throws Exception {
        try (var router = router(Map.of("max-sessions", "2", "retry-after", "3s"))) {
            var running = IntStream.range(0, 2)
                    .mapToObj(_ -> Call.start(router.stub(), Requests.question("?")))
                    .toList();
            language.begins.take();
            language.begins.take();
            var received = Call.start(router.stub(), Requests.question("?")).failure();
            assertThat(received.status()).isEqualTo("UNAVAILABLE");
            assertThat(received.reason()).hasValue("OVERLOADED");
            assertThat(received.retryAfter()).hasValueSatisfying(wait -> assertThat(wait).hasSeconds(3));
            assertThat(router.metric("sightline_refusals_total", "reason", "OVERLOADED")).isEqualTo(1);
            running.forEach(Call::cancel);
        }
    }

    @Test
    void requestsThatNeedMoreMemoryThanThereIsAreRefusedUntilOthersEnd() throws Exception {
        try (var router = router(Map.of("max-session-bytes", "400"))) {
            var small = Call.start(router.stub(), Requests.question("x".repeat(100)));
            language.begins.take();
            var large = Requests.question("x".repeat(350));
            var received = Call.start(router.stub(), large).failure();
            assertThat(received.status()).isEqualTo("UNAVAILABLE");
            assertThat(received.reason()).hasValue("OVERLOADED");
            assertThat(received.retryAfter()).isPresent();
            assertThat(router.metric("sightline_refusals_total", "reason", "OVERLOADED")).isEqualTo(1);
            small.cancel();
            awaitNoneRunning(router);
            assertThat(Call.start(router.stub(), large).failure().reason()).hasValue("PROMPT_TOO_LONG");
        }
    }

    @Test
    void theRoutersOwnDeadlineEndsACallWithoutOne() throws Exception {
        try (var router = router(Map.of("default-deadline", "500ms"))) {
            var received = Call.start(router.stub(), Requests.question("?").setRequestId("late")).failure();
            assertThat(received.status()).isEqualTo("DEADLINE_EXCEEDED");
            assertThat(received.reason()).hasValue("DEADLINE");
            assertThat(language.cancelled.poll(10, TimeUnit.SECONDS)).isEqualTo("late");
        }
    }

    @Test
    void theClientsDeadlineIsPassedOnAndCutToTheLongestOne() throws Exception {
        try (var router = router(Map.of("default-deadline", "10s", "longest-deadline", "20s"))) {
            var own = Call.start(router.stub().withDeadlineAfter(15, TimeUnit.SECONDS), Requests.question("?"));
            assertThat(language.begins.take().getRemainingMillis()).isBetween(10_000L, 15_000L);
            var long_ = Call.start(router.stub().withDeadlineAfter(1, TimeUnit.HOURS), Requests.question("?"));
            assertThat(language.begins.take().getRemainingMillis()).isBetween(15_000L, 20_000L);
            own.cancel();
            long_.cancel();
        }
    }

    @Test
    void aDrainingRouterFinishesWhatRunsAndTakesNothingNew() throws Exception {
        try (var router = router(Map.of())) {
            language.will(new FakeLanguage.Manner.SayForEver(List.of(300)));
            var running = Call.startWithoutReading(router.stub(), Requests.question("?"));
            running.next();
            router.actors.sessions().tell(Sessions.Drain.DRAIN);
            var received = Call.start(router.stub(), Requests.question("?")).failure();
            assertThat(received.status()).isEqualTo("UNAVAILABLE");
            assertThat(received.reason()).hasValue("DRAINING");
            running.read(1);
            assertThat(running.next().hasDelta()).isTrue();
            running.cancel();
        }
    }

    @Test
    void aSessionThatFailsIsABugOfItsOwnRequestAlone() throws Exception {
        try (var router = router(Map.of())) {
            language.will(SHORT_ANSWER);
            var broken = new BrokenClient();
            var parser = new RequestParser(new RequestLimits(4, 1 << 20, 1 << 20));
            long now = System.nanoTime();
            router.actors.sessions()
                    .tell(new Sessions.Admit(new JobId(999),
                            parser.parse("", Requests.question("?").setRequestId("bug").build()), broken, now,
                            now + TimeUnit.SECONDS.toNanos(30), 1));
            assertThat(broken.failures.poll(10, TimeUnit.SECONDS)).isEqualTo(new Failure.Bug("bug"));
            assertThat(Call.start(router.stub(), Requests.question("?").setRequestId("bug")).answer()).isNotEmpty();
            assertThat(router.metric("sightline_requests_total", "outcome", "BUG")).isEqualTo(1);
        }
    }

    @Test
    void manyRequestsAtOnceAreAllAnswered() throws Exception {
        try (var router = router(Map.of())) {
            language.will(new FakeLanguage.Manner.Say(List.of(300, 301, endId())));
            var calls = IntStream.range(0, 100)
                    .mapToObj(i -> Call.start(router.stub(),
                            i % 2 == 0 ? Requests.question("?") : aboutAPicture("m" + i)))
                    .toList();
            for (var call : calls)
                assertThat(call.ids()).containsExactly(300, 301, endId());
            awaitNoneRunning(router);
            router.await(() -> assertThat(vision.leases).isEmpty());
            assertThat(router.metric("sightline_requests_total", "outcome", "OK")).isEqualTo(100);
        }
    }

    /** Throws where nobody expects it. */
    private static final class BrokenClient implements Client {
        private final BlockingQueue<Failure> failures = new LinkedBlockingQueue<>();

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void write(GenerateResponse response) {
            throw new IllegalStateException("on purpose");
        }

        @Override
        public void complete() {
            throw new AssertionError("never whole");
        }

        @Override
        public void fail(Failure failure) {
            failures.add(failure);
        }
    }

    private static int endId() {
        return DemoModel.config().generation().endIds().getFirst();
    }

    private static GenerateRequest.Builder aboutAPicture(String requestId) {
        return Requests.conversation(
                Requests.message("user", Requests.picture(Requests.picture()), Requests.text("What is there?")))
                .setRequestId(requestId);
    }

    /** A session stops right after its client is told. */
    private static void awaitNoneRunning(TestRouter router) {
        router.await(() -> assertThat(router.metric("sightline_requests_running")).isZero());
    }
}
