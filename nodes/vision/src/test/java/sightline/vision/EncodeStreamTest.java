package sightline.vision;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.stage.v1.EncodeItem;
import sightline.vision.VisionStage.Options;

/** What a router's stream holds, and that it is free when the stream ends, however that happens. */
@Timeout(60)
class EncodeStreamTest {
    private final FakeEncoder model = FakeEncoder.held();
    private VisionStage stage = VisionStage.of(model);

    @AfterEach
    void stop() {
        model.let(1_000);
        stage.close();
    }

    private void restart(Options options) {
        stage.close();
        stage = new VisionStage(model, options);
    }

    @Test
    void placesAreBoundedAndComeBack() throws InterruptedException {
        var router = stage.connect();
        for (int i = 1; i <= VisionStage.MAX_WAITING + 1; i++) {
            router.send(VisionStage.encode(VisionStage.item(i, Pictures.png(i))));
        }
        var refused = router.refused();
        assertThat(refused.getItem()).isEqualTo(VisionStage.MAX_WAITING + 1);
        assertThat(refused.getReason()).isEqualTo("OVERLOADED");
        assertThat(refused.getRetryAfterMillis()).isEqualTo(1_000);

        model.let(100);
        for (int i = 0; i < VisionStage.MAX_WAITING; i++) {
            router.encoded();
        }
        router.send(VisionStage.encode(VisionStage.item(11, Pictures.png(11)), VisionStage.item(12, Pictures.png(12))));
        router.encoded();
        router.encoded();
        router.send(VisionStage.encode(VisionStage.item(13, Pictures.png(13))));
        assertThat(router.refused().getReason()).as("all leases are held").isEqualTo("OVERLOADED");
        router.release(11);
        router.send(VisionStage.encode(VisionStage.item(14, Pictures.png(14))));
        assertThat(router.encoded().getItem()).isEqualTo(14);
    }

    @Test
    void picturesOfOneRequestAreTakenTogetherOrNotAtAll() throws InterruptedException {
        var router = stage.connect();
        router.send(VisionStage.encode(VisionStage.item(1, Pictures.png(1)), VisionStage.item(2, Pictures.png(2))));
        Await.until("both wait", () -> stage.waiting.taken() == 2);

        router.send(VisionStage.encode(grouped(9, 3), grouped(9, 4), grouped(9, 5)));
        for (int item = 3; item <= 5; item++) {
            var refused = router.refused();
            assertThat(refused.getItem()).isEqualTo(item);
            assertThat(refused.getReason()).isEqualTo("OVERLOADED");
        }
        assertThat(stage.waiting.taken()).isEqualTo(2);
        assertThat(stage.leases.taken()).isEqualTo(2);

        router.send(VisionStage.encode(grouped(10, 6), grouped(10, 7)));
        model.let(100);
        for (int i = 0; i < 4; i++) {
            router.encoded();
        }
        router.send(VisionStage.encode(grouped(11, 8), grouped(11, 9), grouped(11, 10)));
        assertThat(router.refused().getReason()).as("two leases are left").isEqualTo("OVERLOADED");
        assertThat(stage.leases.taken()).isEqualTo(4);
    }

    private static EncodeItem grouped(long group, int item) {
        return VisionStage.item(item, Pictures.png(item)).toBuilder().setGroup(group).build();
    }

    @Test
    void aLeaseKeepsTokensBeyondTheBudgetUntilItIsReleased() throws InterruptedException {
        model.let(100);
        restart(new Options(4, Faults.NONE, Duration.ofMillis(50), Duration.ofSeconds(30)));
        var router = stage.connect();
        for (int i = 1; i <= 3; i++) {
            router.send(VisionStage.encode(VisionStage.item(i, Pictures.png(i))));
            router.encoded();
        }
        assertThat(stage.store.bytes()).isEqualTo(12);

        router.release(1);
        router.release(2);

        Await.until("only what fits is held", () -> stage.store.bytes() == 4);
        assertThat(stage.store.find(VisionStage.key(Pictures.png(3)))).isPresent();
    }

    @Test
    void everythingARouterHeldIsFreeWhenItsStreamBreaks() throws InterruptedException {
        model.let(2);
        restart(new Options(0, Faults.NONE, Duration.ofMillis(50), Duration.ofSeconds(30)));
        var router = stage.connect();
        var other = stage.connect();
        router.send(VisionStage.encode(VisionStage.item(1, Pictures.png(1))));
        router.encoded();
        other.send(VisionStage.encode(VisionStage.item(1, Pictures.png(9))));
        other.encoded();
        router.send(VisionStage.encode(VisionStage.item(2, Pictures.png(2)), VisionStage.item(3, Pictures.png(3))));
        Await.until("two wait", () -> stage.waiting.taken() == 2);

        router.breakOff();

        Await.until("the leases are free", () -> stage.leases.taken() == 1);
        assertThat(stage.store.find(VisionStage.key(Pictures.png(1)))).isEmpty();
        assertThat(stage.store.find(VisionStage.key(Pictures.png(9)))).as("the other router's").isPresent();
        model.let(10);
        Await.until("nothing waits", () -> stage.waiting.taken() == 0);
        assertThat(stage.store.bytes()).isEqualTo(4);
    }

    @Test
    void anItemNumberThatIsUsedAgainIsAnotherPicture() throws InterruptedException {
        model.let(1);
        var router = stage.connect();
        router.send(VisionStage.encode(VisionStage.item(7, Pictures.png(2))));
        router.encoded();
        router.send(VisionStage.encode(VisionStage.item(1, Pictures.png(1))));
        model.awaitBegun(2);
        router.cancel(1);
        router.send(VisionStage.encode(VisionStage.item(1, Pictures.png(2))));
        assertThat(router.encoded().getFromStore()).isTrue();

        model.let(1);

        Await.until("the cancelled one is through", () -> stage.waiting.taken() == 0);
        assertThat(stage.leases.taken()).isEqualTo(2);
        router.send(VisionStage.encode(VisionStage.item(2, Pictures.png(1))));
        assertThat(router.encoded().getFromStore()).as("the desk lives").isTrue();
    }

    @Test
    void aStreamThatEndsRegularlyFreesItsLeasesToo() throws InterruptedException {
        model.let(1);
        var router = stage.connect();
        router.send(VisionStage.encode(VisionStage.item(1, Pictures.png(1))));
        router.encoded();

        router.complete();

        assertThat(router.ended.orTimeout(20, TimeUnit.SECONDS).join()).isEmpty();
        Await.until("the lease is free", () -> stage.leases.taken() == 0);
    }

    @Test
    void theStreamBeatsWhileTheEncoderIsBusy() throws InterruptedException {
        var router = stage.connect();
        router.send(VisionStage.encode(VisionStage.item(1, Pictures.png(1))));
        model.awaitBegun(1);
        router.beats.clear();

        var beat = router.beats.poll(20, TimeUnit.SECONDS);

        assertThat(beat).isNotNull().satisfies(b -> {
            assertThat(b.getSteps()).isZero();
            assertThat(b.getLoad().getRunning()).isOne();
        });
        model.let(1);
        router.encoded();
        Await.until("the step is counted", () -> router.beats.stream().anyMatch(b -> b.getSteps() == 1));
    }

    @Test
    void aRouterThatStopsBeatingIsGivenUp() throws InterruptedException {
        model.let(1);
        restart(new Options(1 << 20, Faults.NONE, Duration.ofMillis(20), Duration.ofMillis(300)));
        var router = stage.connect();
        router.send(VisionStage.encode(VisionStage.item(1, Pictures.png(1))));
        router.encoded();
        router.beat();

        assertThat(router.ended.orTimeout(20, TimeUnit.SECONDS).join()).isPresent();
        Await.until("the lease is free", () -> stage.leases.taken() == 0);
    }

    @Test
    void aDrainingNodeAnswersWhatItTookAndEndsItsStreams() throws InterruptedException {
        var router = stage.connect();
        router.send(VisionStage.encode(VisionStage.item(1, Pictures.png(1))));
        Await.until("it waits", () -> stage.waiting.taken() == 1);

        var drained = stage.beats.drain();
        router.send(VisionStage.encode(VisionStage.item(2, Pictures.png(2))));
        assertThat(router.refused().getReason()).isEqualTo("DRAINING");
        model.let(1);

        assertThat(router.encoded().getItem()).isOne();
        assertThat(drained.toCompletableFuture()).as("somebody may still come for the tokens").isNotDone();
        router.release(1);
        drained.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
        assertThat(router.ended.orTimeout(20, TimeUnit.SECONDS).join()).isEmpty();
        assertThat(stage.connect().ended.orTimeout(20, TimeUnit.SECONDS).join()).as("a later stream").isEmpty();
    }

    @Test
    void aStoppedEncoderRefusesWhatWaitedAndFreesTheModel() throws InterruptedException {
        var router = stage.connect();
        router.send(VisionStage.encode(VisionStage.item(1, Pictures.png(1))));
        model.awaitBegun(1);
        router.send(VisionStage.encode(VisionStage.item(2, Pictures.png(2))));
        Await.until("the second is prepared", () -> stage.metric("sightline_preprocess_seconds_count") == 2);

        stage.desk.tell(new EncodeDesk.Stop());
        assertThat(List.of(router.refused().getReason(), router.refused().getReason())).containsOnly("DRAINING");
        model.let(1);

        assertThat(model.closed.await(20, TimeUnit.SECONDS)).isTrue();
        stage.stopped.orTimeout(20, TimeUnit.SECONDS).join();
    }
}
