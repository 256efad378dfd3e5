package sightline.vision;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import sightline.vision.image.PixelValues;
import sightline.vision.tower.ImageEncoder;
import sightline.wire.ElementType;
import sightline.wire.Sha256;
import sightline.wire.TensorSpec;

/** An encoder whose token is the sum of the pixel values; it can be held at the gate. */
final class FakeEncoder implements ImageEncoder {
    static final Sha256 MODEL = Sha256.of(new byte[]{1});
    static final TensorSpec SPEC = new TensorSpec(List.of(1L, 1L), ElementType.FLOAT32, MODEL);

    final AtomicInteger encoded = new AtomicInteger();
    final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger begun = new AtomicInteger();
    private final Semaphore gate;

    private FakeEncoder(Semaphore gate) {
        this.gate = gate;
    }

    static FakeEncoder running() {
        return new FakeEncoder(new Semaphore(Integer.MAX_VALUE));
    }

    /** Encodes nothing until pictures are let through. */
    static FakeEncoder held() {
        return new FakeEncoder(new Semaphore(0));
    }

    /** Waits until so many pictures have come in, those that stand at the gate included. */
    void awaitBegun(int pictures) {
        Await.until(pictures + " pictures in the encoder", () -> begun.get() == pictures);
    }

    void let(int pictures) {
        gate.release(pictures);
    }

    @Override
    public TensorSpec spec() {
        return SPEC;
    }

    @Override
    public byte[] encode(PixelValues pixels) {
        begun.incrementAndGet();
        gate.acquireUninterruptibly();
        encoded.incrementAndGet();
        float sum = 0;
        for (float value : pixels.values()) {
            sum += value;
        }
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(sum).array();
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
