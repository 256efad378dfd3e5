package sightline.router.sim;

import java.util.List;
import java.util.function.Consumer;
import sightline.router.fleet.EncodeJob;
import sightline.router.fleet.JobId;
import sightline.router.fleet.LanguageDispatcher;
import sightline.router.fleet.LanguageStream;
import sightline.router.fleet.PeerFate;
import sightline.router.fleet.PeerId;
import sightline.router.fleet.PromptWork;
import sightline.router.fleet.ReplicaNeed;
import sightline.router.fleet.RunId;
import sightline.router.fleet.VisionNeed;
import sightline.router.session.SimulatedSession;
import sightline.stage.v1.Begin;
import sightline.stage.v1.GenerateCommand;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.Prefilled;

/** One session's way to the other actors of its router, and to the nodes. */
record SessionSurroundings(Router router, JobId job) implements SimulatedSession.Surroundings {
    @Override
    public long nowNanos() {
        return router.machine().nowNanos();
    }

    @Override
    public void encode(List<EncodeJob.Picture> pictures, VisionNeed need, Consumer<EncodeJob.Answer> replyTo) {
        router.machine()
                .post(() -> router.vision()
                        .encode(job, need, pictures,
                                answer -> router.machine().post(() -> replyTo.accept(answer))));
    }

    @Override
    public void endPictures() {
        router.machine().post(() -> router.vision().end(job));
    }

    @Override
    public void place(RunId id, ReplicaNeed need, PromptWork work, Consumer<LanguageDispatcher.Answer> replyTo) {
        router.machine().post(() -> {
            var answer = router.placement().place(id, need, work);
            router.machine().post(() -> replyTo.accept(answer));
        });
    }

    @Override
    public void read(RunId id, Prefilled told) {
        router.machine().post(() -> router.placement().read(id, told));
    }

    @Override
    public void decoded(RunId id, int tokens, long micros) {
        router.machine().post(() -> router.placement().decoded(id, tokens, micros));
    }

    @Override
    public void endPlace(RunId id) {
        router.streams().remove(id);
        router.machine().post(() -> router.placement().end(id));
    }

    @Override
    public SimulatedSession.Stream open(PeerId replica, Begin begin, Consumer<LanguageStream.Said> sink) {
        var id = new RunId(job, begin.getChoice());
        var world = router.world();
        world.trace()
                .note("{} opens {} choice {} epoch {} behind {} tokens on {}{}", router.machine(),
                        begin.getRequestId(), begin.getChoice(), begin.getEpoch(), begin.getAnswerIdsCount(), replica,
                        begin.getSuspect() ? " as a suspect" : "");
        if (router.streams().containsKey(id))
            throw new AssertionError("a second stream of " + id + " (expected: the first one is cancelled before)");
        var node = world.language(replica.name());
        var call = world.network()
                .<GenerateCommand, GenerateEvent>open(router.machine(), replica.name(), node::accept,
                        Ear.of(event -> sink.accept(new LanguageStream.Said.Event(event)),
                                why -> sink.accept(new LanguageStream.Said.Closed(why))));
        var stream = new RouterStream(call, nowNanos());
        router.streams().put(id, stream);
        stream.send(GenerateCommand.newBuilder().setBegin(begin).build());
        return stream;
    }

    @Override
    public void lost(PeerId replica, String why) {
        router.machine().post(() -> router.fleet().lost(replica));
    }

    @Override
    public void fate(PeerId replica, Consumer<PeerFate> replyTo) {
        router.machine().post(() -> {
            var fate = router.fleet().fate(replica);
            router.machine().post(() -> replyTo.accept(fate));
        });
    }

    @Override
    public void fenced(int tokens) {
        router.world().totals().add(Totals.Of.FENCED_TOKENS, tokens);
    }

    @Override
    public void failover(int choice, int epoch, String cause) {
        router.world().trace().note("{} job {} choice {} to epoch {}: {}", router.machine(), job, choice, epoch, cause);
        router.world().totals().one(Totals.Of.FAILOVERS);
    }

    @Override
    public void over() {
        router.over(job);
    }
}
