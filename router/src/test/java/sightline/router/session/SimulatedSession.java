package sightline.router.session;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
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
import sightline.stage.v1.Begin;
import sightline.stage.v1.Credit;
import sightline.stage.v1.GenerateCommand;
import sightline.stage.v1.LateTicket;
import sightline.stage.v1.Prefilled;
import sightline.stage.v1.StreamBeat;
import sightline.stage.v1.TakeTurn;

/**
 * The actor {@link Session} without Pekko: the real {@link SessionPlan}, with its effects carried out in a simulated
 * router.
 */
public final class SimulatedSession {

    /** The router around it. */
    public interface Surroundings {
        long nowNanos();

        void encode(List<EncodeJob.Picture> pictures, VisionNeed need, Consumer<EncodeJob.Answer> replyTo);

        void endPictures();

        void place(RunId id, ReplicaNeed need, PromptWork work, Consumer<LanguageDispatcher.Answer> replyTo);

        void read(RunId id, Prefilled told);

        void decoded(RunId id, int tokens, long micros);

        void endPlace(RunId id);

        Stream open(PeerId replica, Begin begin, Consumer<LanguageStream.Said> sink);

        void lost(PeerId replica, String why);

        void fate(PeerId replica, Consumer<PeerFate> replyTo);

        void fenced(int tokens);

        void failover(int choice, int epoch, String cause);

        /** It holds nothing any more; comes before the client is told. */
        void over();
    }

    /** A stream to a replica. */
    public interface Stream {
        void send(GenerateCommand command);

        void cancel();
    }

    /** How one answer is doing, for those who check. */
    public record Look(int choice, int epoch, int logged, int waiting, boolean suspect, Place place,
            Optional<PeerId> replica) {
        /** Whether it is on a replica, looks for one, or needs none now. */
        public enum Place {
            ON_REPLICA, SEEKING, NONE
        }
    }

    private final SessionFacts facts;
    private final Client client;
    private final Surroundings around;
    private final Sabotage sabotage;
    private final SessionPlan plan;
    private final Map<Integer, Stream> streams = new HashMap<>();
    private SessionState state = new SessionState.Preparing();
    private SessionState unlogged = state;
    private Optional<List<Look>> looks = Optional.empty();

    SimulatedSession(SessionFacts facts, Client client, Surroundings around, Sabotage sabotage) {
        this.facts = facts;
        this.client = client;
        this.around = around;
        this.sabotage = sabotage;
        this.plan = new SessionPlan(facts);
    }

    public void clientReady() {
        on(new SessionEvent.ClientReady());
    }

    public void clientGone() {
        on(new SessionEvent.ClientGone());
    }

    public void tick() {
        on(new SessionEvent.Tick());
    }

    public boolean isOver() {
        return state instanceof SessionState.Over;
    }

    public long beganNanos() {
        return facts.receivedNanos();
    }

    public int answers() {
        return facts.answers();
    }

    public long deadlineNanos() {
        return facts.deadlineNanos();
    }

    /** The fingerprint that its answers have to go on with, once they have begun. */
    public Optional<String> languageFingerprint() {
        return state instanceof Answering answering
                ? answering.equal().map(Fingerprints::language)
                : Optional.empty();
    }

    public List<Look> looks() {
        var now = looks.orElseGet(this::look);
        looks = Optional.of(now);
        return now;
    }

    private List<Look> look() {
        return state instanceof Answering answering
                ? answering.runs().stream().map(run -> look(run, answering)).toList()
                : List.of();
    }

    private static Look look(Run run, Answering answering) {
        var place = switch (run.stage()) {
            case Run.Stage.Opening _,Run.Stage.Decoding _ -> Look.Place.ON_REPLICA;
            case Run.Stage.Encoding _,Run.Stage.Placing _ -> Look.Place.SEEKING;
            case Run.Stage.Held _,Run.Stage.OnTrial _,Run.Stage.Closing _,Run.Stage.Whole _ -> Look.Place.NONE;
        };
        return new Look(run.choice(), run.epoch(), run.answer().log().size(),
                answering.delivery().tokens(run.choice()), run.isSuspect(), place,
                run.replica().map(replica -> replica.id()));
    }

    void on(SessionEvent event) {
        forgetUnlogged(event);
        var transition = plan.on(state, event, around.nowNanos());
        boolean wrote = transition.effects().stream().anyMatch(SessionEffect.Write.class::isInstance);
        unlogged = wrote && event instanceof SessionEvent.ReplicaSaid ? state : transition.state();
        state = transition.state();
        looks = Optional.empty();
        transition.effects().forEach(this::carryOut);
        if (wrote && !isOver() && !client.isReady())
            on(new SessionEvent.ClientBusy());
    }

    private void forgetUnlogged(SessionEvent event) {
        if (sabotage == Sabotage.EMIT_BEFORE_LOG && event instanceof SessionEvent.ReplicaClosed && !isOver())
            state = unlogged;
    }

    private void carryOut(SessionEffect effect) {
        switch (effect) {
            case SessionEffect.EncodePictures(var prompt, var fingerprint) ->
                    around.encode(prompt.pictures(),
                            new VisionNeed(facts.model().digest(), fingerprint),
                            answer -> on(new SessionEvent.OfVision(answer)));
            case SessionEffect.Place(int choice, var need) ->
                    around.place(runId(choice), need, ((Answering) state).work(choice),
                            answer -> on(new SessionEvent.OfPlacement(answer)));
            case SessionEffect.OpenStream open -> open(open);
            case SessionEffect.CloseStream(int choice) -> closeStream(choice);
            case SessionEffect.Grant(int choice, int tokens) ->
                    send(choice, GenerateCommand.newBuilder().setCredit(Credit.newBuilder().setTokens(tokens)));
            case SessionEffect.SendTicket(int choice, int picture, var ticket) ->
                    send(choice, GenerateCommand.newBuilder()
                            .setLateTicket(LateTicket.newBuilder().setImage(picture).setTicket(ticket)));
            case SessionEffect.TakeTurn(int choice) ->
                    send(choice, GenerateCommand.newBuilder().setTakeTurn(TakeTurn.getDefaultInstance()));
            case SessionEffect.Beat(int choice) ->
                    send(choice, GenerateCommand.newBuilder().setBeat(StreamBeat.getDefaultInstance()));
            case SessionEffect.EndPictures _ -> around.endPictures();
            case SessionEffect.FreeNodes _ -> freeNodes();
            case SessionEffect.ReportLost(var replica, var why) -> around.lost(replica, why);
            case SessionEffect.AskFate(int choice, var replica) ->
                    around.fate(replica, fate -> on(new SessionEvent.OfFate(choice, replica, fate)));
            case SessionEffect.CountFenced(int tokens) -> around.fenced(tokens);
            case SessionEffect.FailOver over -> around.failover(over.choice(), over.epoch(), over.cause().label());
            case SessionEffect.Write(var response) -> client.write(response);
            case SessionEffect.Complete _ -> {
                around.over();
                client.complete();
            }
            case SessionEffect.Fail(var failure) -> {
                around.over();
                client.fail(failure);
            }
        }
    }

    private void open(SessionEffect.OpenStream open) {
        streams.put(open.choice(), around.open(open.replica().id(), open.begin(),
                said -> heard(open.choice(), open.epoch(), said)));
    }

    /** An attempt that is over may say what it likes: nothing comes of it. */
    private void heard(int choice, int epoch, LanguageStream.Said said) {
        var before = looks();
        passOnTimes(choice, epoch, said);
        on(event(choice, epoch, said));
        boolean fenced = !before.isEmpty() && before.get(choice).epoch() != epoch;
        if (fenced && !looks().equals(before))
            throw new AssertionError("words of epoch " + epoch + " changed " + before.get(choice));
    }

    private void passOnTimes(int choice, int epoch, LanguageStream.Said said) {
        if (!(said instanceof LanguageStream.Said.Event(var event)) || !(state instanceof Answering answering)
                || answering.run(choice).epoch() != epoch)
            return;
        if (event.hasPrefilled())
            around.read(runId(choice), event.getPrefilled());
        if (event.hasEnded() && epoch == 0)
            around.decoded(runId(choice), answering.run(choice).answer().log().size(),
                    event.getEnded().getDecodeUs());
    }

    private SessionEvent event(int choice, int epoch, LanguageStream.Said said) {
        int taken = sabotage == Sabotage.FENCING_OFF && state instanceof Answering answering
                ? answering.run(choice).epoch()
                : epoch;
        return switch (said) {
            case LanguageStream.Said.Closed(var why) -> new SessionEvent.ReplicaClosed(choice, taken, why);
            case LanguageStream.Said.Event(var event) when taken != epoch && event.hasTokens() ->
                    new SessionEvent.ReplicaSaid(choice, taken, event.toBuilder()
                            .setTokens(event.getTokens().toBuilder().setEpoch(taken))
                            .build());
            case LanguageStream.Said.Event(var event) -> new SessionEvent.ReplicaSaid(choice, taken, event);
        };
    }

    private void send(int choice, GenerateCommand.Builder command) {
        Optional.ofNullable(streams.get(choice)).ifPresent(open -> open.send(command.build()));
    }

    private void closeStream(int choice) {
        Optional.ofNullable(streams.remove(choice)).ifPresent(Stream::cancel);
        around.endPlace(runId(choice));
    }

    private void freeNodes() {
        IntStream.range(0, facts.answers()).forEach(this::closeStream);
        around.endPictures();
    }

    private RunId runId(int choice) {
        return new RunId(facts.id(), choice);
    }

    public JobId id() {
        return facts.id();
    }

    public String requestId() {
        return facts.requestId();
    }

    public int pictures() {
        return facts.request().pictures().size();
    }
}
