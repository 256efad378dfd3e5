package sightline.vision;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.vision.VisionStage.Options;
import sightline.wire.Sha256;

/** Encoding over gRPC with a model that only adds up: tickets, batches, cancellation, deadlines, bad pictures. */
@Timeout(60)
class EncodeTest {
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
    void aPictureBecomesATicket() throws InterruptedException {
        model.let(1);
        var router = stage.connect();
        byte[] picture = Pictures.png(0xff0000);

        router.send(VisionStage.encode(VisionStage.item(7, picture)));

        var encoded = router.encoded();
        var ticket = encoded.getTicket();
        assertThat(encoded.getItem()).isEqualTo(7);
        assertThat(encoded.getFromStore()).isFalse();
        assertThat(ticket.getImageKey()).isEqualTo(VisionStage.key(picture).byteString());
        assertThat(ticket.getShapeList()).containsExactly(1L, 1L);
        assertThat(ticket.getDtype()).isEqualTo("float32");
        assertThat(ticket.getModelDigest()).isEqualTo(FakeEncoder.MODEL.hex());
        assertThat(ticket.getVisionFingerprint()).isEqualTo("print");
        assertThat(ticket.getEndpointsList()).containsExactly("vision.test:7071");
        assertThat(stage.leases.taken()).isOne();
        assertThat(stage.waiting.taken()).isZero();
    }

    @Test
    void aKnownPictureIsAnsweredWhileTheEncoderIsBusy() throws InterruptedException {
        model.let(1);
        var router = stage.connect();
        byte[] known = Pictures.png(1);
        router.send(VisionStage.encode(VisionStage.item(1, known)));
        router.encoded();

        router.send(VisionStage.encode(VisionStage.item(2, Pictures.png(2)), VisionStage.item(3, known)));

        var encoded = router.encoded();
        assertThat(encoded.getItem()).isEqualTo(3);
        assertThat(encoded.getFromStore()).isTrue();
        assertThat(stage.metric("sightline_store_lookups_total", "result", "hit")).isOne();
        assertThat(stage.metric("sightline_store_lookups_total", "result", "miss")).isEqualTo(2);
    }

    @Test
    void equalPicturesOfTwoRoutersAreEncodedOnce() throws InterruptedException {
        var first = stage.connect();
        var second = stage.connect();
        byte[] picture = Pictures.png(3);
        first.send(VisionStage.encode(VisionStage.item(1, picture)));
        second.send(VisionStage.encode(VisionStage.item(1, picture)));
        Await.until("both wait", () -> stage.waiting.taken() == 2);

        model.let(10);

        assertThat(first.encoded().getTicket()).isEqualTo(second.encoded().getTicket());
        assertThat(model.encoded.get()).isOne();
        assertThat(stage.leases.taken()).isEqualTo(2);
    }

    @Test
    void picturesThatComeTogetherAreEncodedInTheirOrder() throws InterruptedException {
        model.let(1);
        var router = stage.connect();
        router.send(VisionStage.encode(VisionStage.item(1, Pictures.large()), VisionStage.item(2, Pictures.png(2))));
        assertThat(router.encoded().getItem()).isOne();
        model.let(1);
        assertThat(router.encoded().getItem()).isEqualTo(2);
    }

    @Test
    void picturesThatGatherWhileOneIsEncodedBecomeABatch() throws InterruptedException {
        var router = stage.connect();
        for (int i = 1; i <= VisionStage.MAX_WAITING; i++) {
            router.send(VisionStage.encode(VisionStage.item(i, Pictures.png(i))));
        }
        Await.until("all are prepared",
                () -> stage.metric("sightline_preprocess_seconds_count") == VisionStage.MAX_WAITING);

        model.let(10);

        Set<Long> items = new HashSet<>();
        for (int i = 0; i < VisionStage.MAX_WAITING; i++) {
            items.add(router.encoded().getItem());
        }
        assertThat(items).containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
        assertThat(stage.metric("sightline_encode_batch_images_sum")).isEqualTo(VisionStage.MAX_WAITING);
        assertThat(stage.metric("sightline_encode_batch_images_count")).isLessThan(VisionStage.MAX_WAITING);
    }

    @Test
    void aBadPictureFailsAlone() throws InterruptedException {
        model.let(10);
        var router = stage.connect();
        byte[] html = "<html>no picture</html>".getBytes(StandardCharsets.UTF_8);

        router.send(VisionStage.encode(VisionStage.item(1, html)));
        var refused = router.refused();
        router.send(VisionStage.encode(VisionStage.item(2, Pictures.png(2)), VisionStage.item(3, new byte[0])));

        assertThat(refused.getItem()).isOne();
        assertThat(refused.getReason()).isEqualTo("BAD_IMAGE");
        assertThat(refused.getMessage()).contains("expected: a PNG, JPEG, WebP, GIF or BMP file");
        var two = List.of(router.answer(), router.answer());
        assertThat(two).anyMatch(answer -> answer.getEncoded().getItem() == 2)
                .anyMatch(answer -> answer.getRefused().getItem() == 3);
        assertThat(stage.leases.taken()).isOne();
    }

    @Test
    void aBadPictureIsAnsweredWhileTheEncoderIsBusy() throws InterruptedException {
        var router = stage.connect();
        router.send(VisionStage.encode(VisionStage.item(1, Pictures.png(1))));
        model.awaitBegun(1);

        router.send(VisionStage.encode(VisionStage.item(2, new byte[]{1, 2, 3})));

        assertThat(router.refused().getItem()).isEqualTo(2);
    }

    @Test
    void aPictureAtWhichTheEncoderThrowsFailsAlone() throws InterruptedException {
        byte[] poison = Pictures.png(0xbad);
        restart(new Options(1 << 20, new Faults(Set.of(Sha256.of(poison)), Duration.ZERO), Duration.ofMillis(50),
                Duration.ofSeconds(30)));
        var router = stage.connect();
        router.send(VisionStage.encode(VisionStage.item(1, Pictures.png(1)), VisionStage.item(2, poison),
                VisionStage.item(3, Pictures.png(3))));
        model.let(10);

        var answers = List.of(router.answer(), router.answer(), router.answer());

        assertThat(answers).filteredOn(answer -> answer.hasEncoded()).hasSize(2);
        assertThat(answers).filteredOn(answer -> answer.hasRefused()).singleElement().satisfies(answer -> {
            assertThat(answer.getRefused().getItem()).isEqualTo(2);
            assertThat(answer.getRefused().getReason()).isEqualTo("BUG");
            assertThat(answer.getRefused().getMessage()).doesNotContain("Exception", "throw-on");
        });
        router.send(VisionStage.encode(VisionStage.item(4, Pictures.png(4))));
        assertThat(router.encoded().getItem()).isEqualTo(4);
    }

    @Test
    void aCancelledPictureIsNeverEncoded() throws InterruptedException {
        var router = stage.connect();
        router.send(VisionStage.encode(VisionStage.item(1, Pictures.png(1))));
        model.awaitBegun(1);
        router.send(VisionStage.encode(VisionStage.item(2, Pictures.png(2)), VisionStage.item(3, Pictures.png(3))));
        router.cancel(2);
        Await.until("the cancellation is here", () -> stage.leases.taken() == 2);

        model.let(10);

        assertThat(router.encoded().getItem()).isOne();
        assertThat(router.encoded().getItem()).isEqualTo(3);
        Await.until("no picture waits", () -> stage.waiting.taken() == 0);
        assertThat(model.encoded.get()).isEqualTo(2);
        assertThat(router.hasAnswer()).isFalse();
    }

    @Test
    void aPictureIsNotEncodedAfterItsDeadline() throws InterruptedException {
        var router = stage.connect();
        router.send(VisionStage.encode(VisionStage.item(1, Pictures.png(1))));
        model.awaitBegun(1);
        long sentNanos = System.nanoTime();
        router.send(VisionStage.encode(
                VisionStage.item(2, Pictures.png(2)).toBuilder().setRemainingMillis(30).build(),
                VisionStage.item(3, Pictures.png(3)).toBuilder().setRemainingMillis(0).build()));
        assertThat(router.refused().getReason()).as("too late already").isEqualTo("DEADLINE");
        Await.until("the deadline is past", () -> System.nanoTime() - sentNanos > TimeUnit.MILLISECONDS.toNanos(60));

        model.let(10);

        assertThat(router.encoded().getItem()).isOne();
        var refused = router.refused();
        assertThat(refused.getItem()).isEqualTo(2);
        assertThat(refused.getReason()).isEqualTo("DEADLINE");
        assertThat(model.encoded.get()).isOne();
    }

    @Test
    void itemsThatMakeNoSenseAreRefused() throws InterruptedException {
        model.let(10);
        var router = stage.connect();
        byte[] picture = Pictures.png(1);
        var good = VisionStage.item(1, picture);
        router.send(VisionStage.encode(good));
        router.encoded();

        router.send(VisionStage.encode(good));
        assertThat(router.refused().getReason()).as("item in use").isEqualTo("BAD_MESSAGE");
        router.send(VisionStage.encode(good.toBuilder().setItem(2).setModelDigest("other").build()));
        assertThat(router.refused().getReason()).isEqualTo("WRONG_MODEL");
        router.send(VisionStage.encode(good.toBuilder().setItem(3).clearImageKey().build()));
        assertThat(router.refused().getReason()).isEqualTo("BAD_MESSAGE");
        router.send(VisionStage.encode(VisionStage.item(4, Pictures.png(4))
                .toBuilder()
                .setImageKey(VisionStage.key(Pictures.png(5)).byteString())
                .build()));
        assertThat(router.refused().getReason()).as("another picture's key").isEqualTo("BAD_MESSAGE");
        assertThat(stage.leases.taken()).isOne();
        assertThat(stage.waiting.taken()).isZero();
    }
}
