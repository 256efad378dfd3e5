package sightline.client;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.wire.Failure;
import sightline.wire.Received;
import sightline.wire.StatusMapping;

/**
 * The calls that one request may take, to one router after another, within one deadline.
 *
 * <p>For one thread, except {@link #close}, which breaks a running call and a wait alike.
 */
final class Calls {
    private final List<Router> routers;
    private final RetryRule rule;
    private final Context.CancellableContext context;
    private final Optional<Duration> timeout;
    private final Optional<Deadline> deadline;
    private final CountDownLatch closed = new CountDownLatch(1);
    private int at;
    private Trouble trouble = Trouble.NONE;

    /**
     * @param first the router to begin with
     * @param context ends the request when it is cancelled
     */
    Calls(List<Router> routers, int first, RetryRule rule, Context context, Optional<Duration> timeout) {
        this.routers = routers;
        this.at = first;
        this.rule = rule;
        this.timeout = timeout;
        this.deadline = timeout.map(limit -> Deadline.after(limit.toNanos(), TimeUnit.NANOSECONDS));
        this.context = context.withCancellation();
        this.context.addListener(_ -> closed.countDown(), Runnable::run);
    }

    /** Sends the request to the router whose turn it is. */
    Iterator<GenerateResponse> open(GenerateRequest request) {
        var stub = routers.get(at).stub();
        var limited = deadline.map(stub::withDeadline).orElse(stub);
        var before = context.attach();
        try {
            return limited.generate(request);
        } finally {
            context.detach(before);
        }
    }

    /** The answer has grown: what went wrong before is forgotten. */
    void progress() {
        trouble = Trouble.NONE;
    }

    /**
     * Returns when it is time to open the next call.
     *
     * @param hasBegun whether the answer has
     * @throws RequestFailed where no further call is worth while
     */
    void recover(StatusRuntimeException error, boolean hasBegun) {
        if (context.isCancelled() || Thread.currentThread().isInterrupted())
            throw cancelled();
        var failure = StatusMapping.read(error).orElseThrow(() -> error);
        long nowNanos = System.nanoTime();
        trouble = trouble.with(failure, nowNanos);
        var wait = rule.waitAfter(failure, trouble, hasBegun, routers.size(), nowNanos, RandomGenerator.getDefault())
                .filter(this::isWithinDeadline)
                .orElseThrow(() -> new RequestFailed(inWords(failure, hasBegun), error));
        at = (at + 1) % routers.size();
        await(wait);
    }

    void close() {
        context.cancel(null);
    }

    private boolean isWithinDeadline(Duration wait) {
        return deadline.map(end -> wait.toNanos() < end.timeRemaining(TimeUnit.NANOSECONDS)).orElse(true);
    }

    private Received inWords(Received failure, boolean hasBegun) {
        return new ConnectionTrouble(routers.get(at).endpoint(), timeout).inWords(failure, hasBegun);
    }

    private void await(Duration wait) {
        try {
            if (closed.await(wait.toNanos(), TimeUnit.NANOSECONDS))
                throw cancelled();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw cancelled();
        }
    }

    private static RequestFailed cancelled() {
        return RequestFailed.because(new Failure.Cancelled("the request was cancelled by the one who asked"));
    }
}
