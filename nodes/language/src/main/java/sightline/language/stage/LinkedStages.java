package sightline.language.stage;

import io.grpc.ManagedChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import sightline.language.kv.KvChange;
import sightline.language.model.FurtherStages;
import sightline.language.model.RowLayout;
import sightline.language.model.StageProof;
import sightline.runtime.Heartbeat;
import sightline.stage.v1.Hello;
import sightline.stage.v1.RowBytes;
import sightline.stage.v1.StageCommand;
import sightline.stage.v1.StageEvent;

/**
 * The further stages of a replica, linked by streams, until the first of them is lost; then all of it is over, and is made
 * anew. For any thread.
 *
 * <p>Every stage is told of a batch when it starts, so that its place among the changes is known, and gets its rows when the
 * stage before has computed them; of those that come back, all but the answered ones pass through here chunk by chunk.
 */
public final class LinkedStages implements FurtherStages, StageLink.Events {
    private final LinkRules rules;
    private final int rowBytes;
    private final Consumer<String> lost;
    private final Consumer<String> leaving;
    private final List<ManagedChannel> channels;
    private final List<StageLink> links = new ArrayList<>();
    private final StageProof[] proofs;
    private final Queue<UnderWay> underWay = new ArrayDeque<>();
    private final CompletableFuture<LinkedStages> welcome = new CompletableFuture<>();
    private final CompletableFuture<String> over = new CompletableFuture<>();
    private final Heartbeat heartbeat;
    private long batches;

    /** A stage, and what it must be. */
    record Peer(ManagedChannel channel, Hello hello) {}

    private record UnderWay(RowAssembler answer, CompletableFuture<byte[]> hidden, long sinceNanos) {}

    /**
     * Opens a link to each.
     *
     * @param peers in their order; their channels are taken over
     * @param rowBytes bytes of one hidden row
     * @param lost told why a stage is lost, before anything that is under way fails; never after {@link #close}
     * @param leaving told that a stage has to stop, and goes on until it is let go
     */
    LinkedStages(List<Peer> peers, LinkRules rules, int rowBytes, Consumer<String> lost, Consumer<String> leaving) {
        this.rules = rules;
        this.rowBytes = rowBytes;
        this.lost = lost;
        this.leaving = leaving;
        this.proofs = new StageProof[peers.size()];
        this.channels = peers.stream().map(Peer::channel).toList();
        synchronized (this) { // what the links tell has to wait until all are there
            heartbeat = new Heartbeat("stage-links", rules.beatInterval(), this::beat);
            peers.forEach(peer -> links.add(StageLink.open(peer.channel(), peer.hello(), this)));
        }
    }

    /** Completed with this when every stage has accepted its link; fails when one of them does not. */
    public CompletableFuture<LinkedStages> welcome() {
        return welcome;
    }

    /** Completed, with the reason, when it is over and all that was under way has failed. */
    public CompletableFuture<String> over() {
        return over;
    }

    @Override
    public synchronized List<StageProof> proofs() {
        return Stream.of(proofs).map(Objects::requireNonNull).toList();
    }

    @Override
    public synchronized void change(KvChange change) {
        var message = PipelineMessages.of(change);
        links.forEach(link -> link.send(StageCommand.newBuilder().setChange(message)));
    }

    @Override
    public synchronized CompletableFuture<byte[]> forward(RowLayout layout, boolean joined, byte[] rows) {
        if (over.isDone()) {
            return CompletableFuture.failedFuture(new IllegalStateException("a stage is lost"));
        }
        long number = batches++;
        var message = PipelineMessages.batch(number, layout, joined);
        links.forEach(link -> link.send(StageCommand.newBuilder().setBatch(message)));
        RowChunks.split(number, rows).forEach(chunk -> send(links.getFirst(), chunk));
        var batch = new UnderWay(new RowAssembler(number, layout.answered() * rowBytes), new CompletableFuture<>(),
                System.nanoTime());
        underWay.add(batch);
        return batch.hidden();
    }

    @Override
    public synchronized void said(StageLink link, StageEvent event) {
        if (over.isDone()) {
            return; // the stage does not know yet
        }
        try {
            switch (event.getEventCase()) {
                case WELCOME -> onWelcome(link, event);
                case ROWS -> onRows(link, event.getRows());
                case BEAT -> {
                }
                case LEAVING -> onLeaving("stage " + link.stage() + " is told to stop");
                case EVENT_NOT_SET -> throw new BrokenLink("event: none (expected: one)");
            }
        } catch (BrokenLink e) {
            lose("stage " + link.stage() + ": " + e.getMessage());
        }
    }

    @Override
    public synchronized void over(StageLink link, String why) {
        lose("stage " + link.stage() + ": " + why);
    }

    @Override
    public synchronized void close() {
        end("let go");
    }

    private void onWelcome(StageLink link, StageEvent event) throws BrokenLink {
        proofs[links.indexOf(link)] = PipelineMessages.proof(link.stage(), event.getWelcome());
        if (Arrays.stream(proofs).noneMatch(Objects::isNull)) {
            welcome.complete(this);
        }
    }

    /** Links that are not all welcome have nobody yet who would let them go. */
    private void onLeaving(String why) {
        if (welcome.isDone()) {
            leaving.accept(why);
        } else {
            lose(why);
        }
    }

    private void onRows(StageLink link, RowBytes rows) throws BrokenLink {
        int next = links.indexOf(link) + 1;
        if (next < links.size()) {
            send(links.get(next), rows);
            return;
        }
        var oldest = Optional.ofNullable(underWay.peek()).orElseThrow(() -> new BrokenLink("rows of no batch"));
        oldest.answer().accept(rows);
        if (oldest.answer().isWhole()) {
            underWay.remove();
            oldest.hidden().complete(oldest.answer().rows());
        }
    }

    private static void send(StageLink link, RowBytes rows) {
        link.send(StageCommand.newBuilder().setRows(rows));
    }

    private synchronized void beat() {
        long nowNanos = System.nanoTime();
        var oldest = underWay.peek();
        if (oldest != null && nowNanos - oldest.sinceNanos() >= rules.stalled().toNanos()) {
            lose("no answer to a batch for " + rules.stalled().toMillis() + " ms");
            return;
        }
        for (var link : links) {
            if (nowNanos - link.heardNanos() >= rules.silence().toNanos()) {
                lose("stage " + link.stage() + ": silent for " + rules.silence().toMillis() + " ms");
            } else {
                link.beat();
            }
        }
    }

    private void lose(String why) {
        if (!over.isDone()) {
            lost.accept(why);
            end(why);
        }
    }

    private void end(String why) {
        if (over.isDone()) {
            return;
        }
        heartbeat.close();
        channels.forEach(ManagedChannel::shutdownNow);
        var failure = new IllegalStateException(why);
        welcome.completeExceptionally(failure);
        underWay.forEach(batch -> batch.hidden().completeExceptionally(failure));
        underWay.clear();
        over.complete(why);
    }
}
