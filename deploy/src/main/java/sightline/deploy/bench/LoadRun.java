package sightline.deploy.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import sightline.client.SightlineClient;
import sightline.wire.Endpoint;

/** Sends the requests of a workload under a load, each once, and gathers what came back. */
public final class LoadRun implements AutoCloseable {
    private static final int CLIENTS = 8; // a router bounds the calls of one connection

    private final Workload workload;
    private final Duration timeout;
    private final List<SightlineClient> clients;

    /** @param timeout of each request */
    public LoadRun(List<Endpoint> routers, Workload workload, Duration timeout) {
        this.workload = workload;
        this.timeout = timeout;
        this.clients = IntStream.range(0, CLIENTS)
                .mapToObj(i -> SightlineClient.sendingOnce(beginningWith(i, routers)))
                .toList();
    }

    /** Each client begins with another router, or all would send their first requests to one. */
    private static List<Endpoint> beginningWith(int number, List<Endpoint> routers) {
        var turned = new ArrayList<>(routers);
        Collections.rotate(turned, -number);
        return turned;
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
        var request = workload.request(number);
        var measured = new MeasuredCall();
        var _ = clients.get(number % clients.size())
                .generate(request, timeout)
                .listen(measured::onEvent)
                .whenComplete((answer, failure) -> done.accept(measured.sample(answer, failure)));
    }

    @Override
    public void close() {
        clients.forEach(SightlineClient::close);
    }
}
