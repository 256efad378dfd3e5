package sightline.language.stage;

import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.language.model.LayerRange;
import sightline.runtime.LogValue;
import sightline.runtime.NodeDirectory;
import sightline.stage.v1.NodeReport;
import sightline.wire.Endpoint;

/**
 * Finds the further stages of a replica in the cluster, links them, and does so again whenever a link is over. What is wrong
 * with the stages it logs once, and again when it changes.
 */
public final class StageSearch extends AbstractMatchingBehavior<StageSearch.Command> {
    private static final Logger LOG = LoggerFactory.getLogger(StageSearch.class);

    /** What the search is told. */
    public sealed interface Command {}

    /** All nodes that the directory knows now. */
    public record Told(NodeDirectory.Known known) implements Command {}

    /** Links nothing any more: this process is going away. */
    public record Rest() implements Command {}

    private record Opened(LinkedStages stages, List<Long> lives) implements Command {}

    private record Leaving(String why) implements Command {}

    private record Over(String why) implements Command {}

    /**
     * What the search works with.
     *
     * @param head the name of this node
     * @param terms what this node is
     * @param layers of every stage, the head's first
     * @param rowBytes bytes of one hidden row
     * @param open makes a channel to a node
     * @param linked takes links over that every stage has accepted
     * @param lost told why a stage is lost, on any thread, before anything that is under way fails
     * @param leaving told why the links have to be let go, while they still work
     * @param replaced run where a stage is another process than at the last link, before the links are taken over
     * @param stopped completes when the search ends, with an error if it broke rather than rested
     */
    public record Parts(String head, LinkTerms terms, List<LayerRange> layers, int rowBytes, LinkRules rules,
            Function<Endpoint, ManagedChannel> open, Consumer<LinkedStages> linked, Consumer<String> lost,
            Consumer<String> leaving, Runnable replaced, CompletableFuture<Done> stopped) {}

    private final Parts parts;
    private Optional<LinkedStages> links = Optional.empty();
    private List<String> told = List.of();
    private String toldWhy = "";
    private List<Long> lives = List.of();
    private boolean resting;

    /** A search that goes on as long as the process. */
    public static Behavior<Command> create(Parts parts) {
        return Behaviors.setup(context -> {
            context.spawn(NodeDirectory.create(context.messageAdapter(NodeDirectory.Known.class, Told::new)), "nodes");
            return new StageSearch(context, parts);
        });
    }

    private StageSearch(ActorContext<Command> context, Parts parts) {
        super(context);
        this.parts = parts;
    }

    @Override
    public Behavior<Command> onMessage(Command command) {
        return switch (command) {
            case Told(var known) -> onTold(known);
            case Rest() -> onRest();
            case Opened(var stages, var now) -> onOpened(stages, now);
            case Leaving(var why) -> onLeaving(why);
            case Over(var why) -> onOver(why);
        };
    }

    @Override
    public Behavior<Command> onSignal(Signal signal) {
        if (signal instanceof PostStop) {
            onPostStop();
        }
        return this;
    }

    private void onPostStop() {
        links.ifPresent(LinkedStages::close);
        if (resting) {
            parts.stopped().complete(Done.getInstance());
        } else {
            parts.stopped().completeExceptionally(new IllegalStateException("the search for stages broke"));
        }
    }

    private Behavior<Command> onRest() {
        resting = true;
        return this;
    }

    private Behavior<Command> onTold(NodeDirectory.Known known) {
        if (resting) {
            return this;
        }
        var map = StageMap.of(known.nodes(), parts.terms(), parts.head());
        if (!map.problems().equals(told)) {
            told = map.problems();
            told.forEach(problem -> LOG.warn("event=stages replica={} problem={}",
                    LogValue.of(parts.terms().replica()), LogValue.of(problem)));
        }
        if (links.isEmpty()) {
            map.stages().ifPresent(this::open);
        }
        return this;
    }

    private void open(List<NodeReport> stages) {
        var peers = new ArrayList<LinkedStages.Peer>();
        for (var node : stages) {
            int stage = node.getPlace().getStage();
            peers.add(new LinkedStages.Peer(parts.open().apply(Endpoint.parse(node.getEndpoint())),
                    parts.terms().of(stage, parts.layers().get(stage)).hello(parts.head())));
        }
        var self = getContext().getSelf();
        var opened = new LinkedStages(peers, parts.rules(), parts.rowBytes(), parts.lost(),
                why -> self.tell(new Leaving(why)));
        links = Optional.of(opened);
        var incarnations = stages.stream().map(NodeReport::getIncarnation).toList();
        var _ = opened.welcome().thenAccept(linked -> self.tell(new Opened(linked, incarnations)));
        getContext().pipeToSelf(opened.over(), (why, _) -> over(why));
    }

    private static Command over(@Nullable String why) {
        return new Over(why == null ? "broken" : why);
    }

    /** Where a stage's process has died, others must be able to tell that from a link that only broke. */
    private Behavior<Command> onOpened(LinkedStages stages, List<Long> now) {
        toldWhy = "";
        if (!lives.isEmpty() && !lives.equals(now)) {
            parts.replaced().run();
        }
        lives = now;
        LOG.info("event=linked replica={} stages={}", LogValue.of(parts.terms().replica()), parts.terms().stages());
        parts.linked().accept(stages);
        return this;
    }

    private Behavior<Command> onLeaving(String why) {
        parts.leaving().accept(why);
        return this;
    }

    private Behavior<Command> onOver(String why) {
        links = Optional.empty();
        if (!why.equals(toldWhy)) {
            toldWhy = why;
            LOG.warn("event=unlinked replica={} reason={}", LogValue.of(parts.terms().replica()), LogValue.of(why));
        }
        return this;
    }
}
