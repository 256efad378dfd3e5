package sightline.client;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import sightline.v1.GenerateRequest;
import sightline.v1.ListModelsRequest;
import sightline.v1.Model;
import sightline.wire.Endpoint;
import sightline.wire.StatusMapping;
import sightline.wire.Tenants;

/**
 * Asks a cluster through any of its routers, over plaintext gRPC.
 *
 * <p>A request that is refused for now is sent again when the server asks for it; one whose router cannot be reached goes
 * to the next; an answer whose router is lost goes on through another one, or the same when it is back, without a gap, a
 * repetition or a changed word. What the contract calls final is reported at once. Requests begin with the routers in
 * turn. For any number of threads; closing ends all requests.
 */
public final class SightlineClient implements AutoCloseable {
    private final Context.CancellableContext context = Context.ROOT.withCancellation();
    private final AtomicInteger turn = new AtomicInteger();
    private final List<Router> routers;
    private final RetryRule rule;

    public SightlineClient(List<Endpoint> routers) {
        this(routers, "");
    }

    /** @param tenant for whom it asks; tenants take turns, and each has request ids of its own */
    public SightlineClient(List<Endpoint> routers, String tenant) {
        this(routers, tenant, RetryRule.STANDARD);
    }

    SightlineClient(List<Endpoint> routers, RetryRule rule) {
        this(routers, "", rule);
    }

    private SightlineClient(List<Endpoint> routers, String tenant, RetryRule rule) {
        if (!Tenants.isName(tenant))
            throw new IllegalArgumentException("tenant: " + tenant + " (expected: " + Tenants.EXPECTED + ")");
        if (routers.isEmpty())
            throw new IllegalArgumentException("routers: none (expected: at least one)");
        this.routers = routers.stream().map(endpoint -> new Router(endpoint, tenant)).toList();
        this.rule = rule;
    }

    /** A client that sends each request once, to the router whose turn it is: what is refused or lost is reported at once. */
    public static SightlineClient sendingOnce(List<Endpoint> routers) {
        return new SightlineClient(routers, RetryRule.NEVER);
    }

    /** A client of these routers, written {@code HOST:PORT,HOST:PORT} as in the launcher's {@code ready} line. */
    public static SightlineClient to(String routers) {
        return new SightlineClient(Arrays.stream(routers.split(",")).map(String::strip).map(Endpoint::parse).toList());
    }

    /** The answer's events, with no other deadline than the router's own; nothing is sent before the first is read. */
    public AnswerStream generate(GenerateRequest request) {
        return generate(request, Optional.empty());
    }

    /**
     * The answer's events, within a deadline; nothing is sent before the first is read.
     *
     * @param timeout for the whole answer, from now; told to the server as its deadline
     */
    public AnswerStream generate(GenerateRequest request, Duration timeout) {
        return generate(request, Optional.of(timeout));
    }

    private AnswerStream generate(GenerateRequest request, Optional<Duration> timeout) {
        int first = Math.floorMod(turn.getAndIncrement(), routers.size());
        return new AnswerStream(new Transcript(request), new Calls(routers, first, rule, context, timeout));
    }

    /**
     * The models that can be asked now, as the first router says that can be reached.
     *
     * @param timeout for each router
     */
    public List<Model> listModels(Duration timeout) {
        for (Router router : routers.subList(0, routers.size() - 1))
            try {
                return listModels(router, timeout);
            } catch (RequestFailed _) {
                // the last one's failure is reported
            }
        return listModels(routers.getLast(), timeout);
    }

    private static List<Model> listModels(Router router, Duration timeout) {
        try {
            return router.stub()
                    .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                    .listModels(ListModelsRequest.getDefaultInstance())
                    .getModelsList();
        } catch (StatusRuntimeException e) {
            var failure = StatusMapping.read(e).orElseThrow(() -> e);
            var trouble = new ConnectionTrouble(router.endpoint(), Optional.of(timeout));
            throw new RequestFailed(trouble.inWords(failure, false), e);
        }
    }

    @Override
    public void close() {
        context.cancel(null);
        routers.forEach(Router::close);
    }
}
