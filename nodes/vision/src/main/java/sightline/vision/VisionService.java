package sightline.vision;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;
import sightline.runtime.Outbox;
import sightline.runtime.Places;
import sightline.stage.v1.EncodeItem;
import sightline.stage.v1.Ticket;
import sightline.stage.v1.VisionCommand;
import sightline.stage.v1.VisionEvent;
import sightline.stage.v1.VisionGrpc;
import sightline.vision.store.Lease;
import sightline.vision.store.ProjectedTokens;
import sightline.vision.store.TokenStore;
import sightline.wire.Endpoint;
import sightline.wire.Failure;
import sightline.wire.Sha256;
import sightline.wire.TensorSpec;

/** Serves encoding, one long stream per router. */
final class VisionService extends VisionGrpc.VisionImplBase {
    private static final int KEY_BYTES = 32;

    private final Parts parts;
    private final AtomicLong lastStream = new AtomicLong();

    /**
     * What the service works with.
     *
     * @param waiting places of pictures that are not encoded yet
     * @param leases places of pictures that routers hold, waiting or encoded
     * @param served what the model makes of a picture
     * @param fingerprint absent when the self-test failed
     * @param endpoint where the tokens can be fetched
     * @param silence how long a router that used to beat may say nothing
     */
    record Parts(ActorRef<EncodeDesk.Command> desk, TokenStore store, Places waiting, Places leases,
            TensorSpec served, Optional<String> fingerprint, Endpoint endpoint, VisionLoad load, VisionMetrics metrics,
            Beats beats, Duration silence, Duration retryAfter) {}

    VisionService(Parts parts) {
        this.parts = parts;
    }

    @Override
    public StreamObserver<VisionCommand> encode(StreamObserver<VisionEvent> events) {
        var call = (ServerCallStreamObserver<VisionEvent>) events;
        var outbox = new Outbox<>(call);
        var stream = new EncodeStream(this, lastStream.incrementAndGet(), outbox);
        call.setOnReadyHandler(outbox::drain);
        call.setOnCancelHandler(stream::onGone);
        call.setOnCloseHandler(stream::onGone);
        parts.beats().add(stream);
        return stream;
    }

    Parts parts() {
        return parts;
    }

    /** What is wrong with an item before its picture is looked at. */
    Optional<Failure> check(EncodeItem item) {
        if (item.getImageKey().size() != KEY_BYTES) {
            return Optional.of(new Failure.BadMessage(
                    "image_key: " + item.getImageKey().size() + " bytes (expected: " + KEY_BYTES + ")"));
        }
        if (!item.getModelDigest().equals(parts.served().modelDigest().hex())) {
            return Optional.of(new Failure.WrongModel("model_digest: " + item.getModelDigest() + " (expected: "
                    + parts.served().modelDigest().hex() + ")"));
        }
        if (item.getRemainingMillis() <= 0) {
            return Optional.of(new Failure.Deadline("the deadline passed before the picture came"));
        }
        return Optional.empty();
    }

    Failure overloaded() {
        return new Failure.Overloaded("all places for pictures are taken", parts.retryAfter());
    }

    /** Leases tokens that are held already, without troubling the desk. */
    Optional<ProjectedTokens> leaseHeld(EncodeJob job) {
        var held = parts.store().lease(job.key(), job.lease());
        parts.metrics().lookup(held.isPresent() ? VisionMetrics.Lookup.HIT : VisionMetrics.Lookup.MISS);
        return held;
    }

    /** Gives back a lease, or the place of a picture that has none yet. */
    void release(Lease lease) {
        parts.store().release(lease);
        parts.leases().giveBack();
        parts.metrics().storeBytes(parts.store().bytes());
    }

    Ticket ticket(ProjectedTokens tokens) {
        Sha256 model = tokens.spec().modelDigest();
        return Ticket.newBuilder()
                .setImageKey(tokens.key().byteString())
                .setSha256(tokens.sha256().byteString())
                .addAllShape(tokens.spec().shape())
                .setDtype(tokens.spec().type().wireName())
                .setModelDigest(model.hex())
                .setVisionFingerprint(parts.fingerprint().orElse(""))
                .addEndpoints(parts.endpoint().toString())
                .build();
    }
}
