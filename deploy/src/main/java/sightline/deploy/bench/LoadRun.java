package sightline.deploy.bench;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import sightline.v1.InferenceGrpc;
import sightline.wire.Endpoint;

/** Sends the requests of a workload under a load, and gathers what came back. */
public final class LoadRun implements AutoCloseable {
    private static final int CHANNELS_PER_ROUTER = 8; // a router bounds the calls of one connection

    private final Workload workload;
    private final Duration timeout;
    private final List<ManagedChannel> channels;

    /** @param timeout of each request */
    public LoadRun(List<Endpoint> routers, Workload workload, Duration timeout) {
        this.workload = workload;
        this.timeout = timeout;
        this.channels = IntStream.range(0, CHANNELS_PER_ROUTER)
                .boxed()
                .flatMap(_ -> routers.stream())
                .map(router -> Grpc.newChannelBuilderForAddress(router.host(), router.port(),
                        InsecureChannelCredentials.create()).build())
                .toList();
    }

    /**
     * Blocks until all requests have ended.
     *
     * @param first number of the first request
     * @param progress told how many have ended
     */
    public Report run(Load load, int first, int count, IntConsumer progress) throws InterruptedException {
        var samples = new ConcurrentLinkedQueue<Sample>();
        var ended = new Semaphore(0);
        var places = new Semaphore(load instanceof Load.Closed(int clients) ? clients : count);
        var random = new Random(workload.seed());
        long dueNanos = System.nanoTime();
        for (int i = 0; i < count; i++) {
            places.acquire();
            if (load instanceof Load.Open open) {
                dueNanos += open.gapNanos(random);
                LockSupport.parkNanos(dueNanos - System.nanoTime());
            }
            send(first + i, sample -> {
                samples.add(sample);
                places.release();
                ended.release();
                progress.accept(samples.size());
            });
        }
        ended.acquire(count);
        return new Report(load, List.copyOf(samples));
    }

    private void send(int number, Consumer<Sample> done) {
        InferenceGrpc.newStub(channels.get(number % channels.size()))
                .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .generate(workload.request(number), new MeasuredCall(done));
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
    }
}
