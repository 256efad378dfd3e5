package sightline.router.sim;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import sightline.router.session.Sabotage;
import sightline.stage.v1.Begin;
import sightline.stage.v1.EndReason;
import sightline.stage.v1.Ended;
import sightline.stage.v1.GenerateCommand;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.Prefilled;
import sightline.stage.v1.StreamBeat;
import sightline.stage.v1.Ticket;
import sightline.stage.v1.Tokens;
import sightline.stage.v1.Turn;
import sightline.wire.Failure;
import sightline.wire.Refusals;

/** One answer on a language node, from Begin to Ended, and the router's end of its stream. */
final class Sequence implements Call.Listener<GenerateCommand> {
    private static final long ROUTER_SILENCE_NANOS = VirtualTime.millis(10_000);
    private static final long NO_CREDIT_NANOS = VirtualTime.millis(30_000);
    private static final int PROMPT_TILE = 4;

    /** How far it is. */
    private enum Phase {
        READING, GENERATING
    }

    /** As a suspect. */
    private enum Trust {
        TRUSTED, SUSPECT, OFFERED, IN_TURN
    }

    private final LanguageNode node;
    private final Call<GenerateCommand, GenerateEvent> call;
    private Optional<Begin> begun = Optional.empty();
    private Phase phase = Phase.READING;
    private Trust trust = Trust.TRUSTED;
    private final SortedMap<Integer, Ticket> tickets = new TreeMap<>();
    private final Set<Integer> notFetched = new TreeSet<>();
    private int tiles;
    private int read;
    private int tokens;
    private long thought;
    private int credit;
    private long heardNanos;
    private long creditNanos;

    Sequence(LanguageNode node, Call<GenerateCommand, GenerateEvent> call) {
        this.node = node;
        this.call = call;
        this.heardNanos = node.machine().nowNanos();
    }

    @Override
    public void said(GenerateCommand command) {
        heardNanos = node.machine().nowNanos();
        switch (command.getCommandCase()) {
            case BEGIN -> begin(command.getBegin());
            case CREDIT -> credit(command.getCredit().getTokens());
            case LATE_TICKET -> {
                node.onLateTicket(read);
                ticket(command.getLateTicket().getImage(), command.getLateTicket().getTicket());
            }
            case TAKE_TURN -> trust = trust == Trust.OFFERED ? Trust.IN_TURN : trust;
            case BEAT, COMMAND_NOT_SET -> {
            }
        }
        node.awake();
    }

    @Override
    public void closed(String why) {
        node.leave(this);
    }

    private void begin(Begin begin) {
        begun = Optional.of(begin);
        var refusal = node.refusal();
        if (refusal.isPresent()) {
            refuse(refusal.get());
            return;
        }
        credit(begin.getCredit());
        trust = begin.getSuspect() ? Trust.SUSPECT : Trust.TRUSTED;
        tiles = 1 + (begin.getPromptIdsCount() + begin.getAnswerIdsCount()) / PROMPT_TILE;
        IntStream.range(0, begin.getImagesCount()).forEach(notFetched::add);
        IntStream.range(0, begin.getImagesCount())
                .filter(i -> begin.getImages(i).hasTicket())
                .forEach(i -> ticket(i, begin.getImages(i).getTicket()));
        boolean mayWait = trust == Trust.TRUSTED && tickets.containsKey(0);
        if (tickets.size() < begin.getImagesCount() && !mayWait)
            throw new AssertionError("begun with the tickets of " + tickets.keySet());
    }

    private void ticket(int image, Ticket ticket) {
        if (image >= begun.orElseThrow().getImagesCount() || tickets.put(image, ticket) != null)
            throw new AssertionError("a ticket that nobody awaits: " + image);
        node.pictures().fetch(node.machine(), List.of(ticket), came -> fetched(image, came));
    }

    private void fetched(int image, boolean came) {
        notFetched.remove(image);
        if (came)
            node.awake();
        else
            refuse(new Failure.NotHeld("the projected tokens are held nowhere"));
    }

    /** Whole tiles before the first row that is not here. */
    private boolean canRead() {
        var begin = begun.orElseThrow();
        return notFetched.stream()
                .findFirst()
                .map(image -> read < begin.getImages(image).getOffset() / PROMPT_TILE)
                .orElse(true);
    }

    private void credit(int more) {
        credit += more;
        creditNanos = node.machine().nowNanos();
    }

    boolean isReady() {
        boolean trusted = trust == Trust.TRUSTED || trust == Trust.IN_TURN;
        return trusted && begun.isPresent() && (phase == Phase.READING ? canRead() : credit > 0);
    }

    boolean waitsForTurn() {
        return trust == Trust.SUSPECT && begun.isPresent();
    }

    boolean hasTurn() {
        return trust == Trust.OFFERED || trust == Trust.IN_TURN;
    }

    boolean isAlone() {
        return trust == Trust.IN_TURN;
    }

    void offerTurn() {
        trust = Trust.OFFERED;
        call.answer(GenerateEvent.newBuilder().setTurn(Turn.getDefaultInstance()).build());
    }

    String requestId() {
        return begun.map(Begin::getRequestId).orElse("");
    }

    /** Whose it is, while somebody hears it. */
    Optional<Machine> router() {
        return call.isHeard() ? Optional.of(call.caller()) : Optional.empty();
    }

    /** Whether the next step of it ends the process. */
    boolean isDeadly() {
        var begin = begun.orElseThrow();
        int place = phase == Phase.GENERATING ? tokens : read == tiles - 1 ? begin.getAnswerIdsCount() : -1;
        return Poison.isDeadly(begin.getPromptIdsList(), place);
    }

    void step() {
        if (phase == Phase.READING && ++read < tiles)
            return;
        if (phase == Phase.READING && !read())
            return;
        generate();
    }

    /** What was generated elsewhere is sampled again; false where that gives something else. */
    private boolean read() {
        var begin = begun.orElseThrow();
        var projected = tickets.values().stream().map(Ticket::getSha256).toList();
        thought = PureModel.begin(node.spec().bits(), begin.getPromptIdsList(), projected,
                begin.getSampling().getSeed(), begin.getChoice());
        if (node.sabotage() == Sabotage.STATEFUL_SAMPLER)
            thought += begin.getEpoch();
        for (int id : begin.getAnswerIdsList()) {
            if (PureModel.token(thought) != id) {
                refuse(new Failure.Diverged("token " + tokens + " came out differently when read again"));
                return false;
            }
            thought = PureModel.after(thought, id);
            tokens++;
        }
        phase = Phase.GENERATING;
        call.answer(GenerateEvent.newBuilder()
                .setPrefilled(Prefilled.newBuilder().setPrefillUs(stepMicros()))
                .build());
        return true;
    }

    private void generate() {
        var begin = begun.orElseThrow();
        int id = PureModel.token(thought);
        thought = PureModel.after(thought, id);
        trust = Trust.TRUSTED;
        credit--;
        call.answer(GenerateEvent.newBuilder()
                .setTokens(Tokens.newBuilder()
                        .setEpoch(begin.getEpoch())
                        .setChoice(begin.getChoice())
                        .setIndex(tokens++)
                        .addIds(id))
                .build());
        if (begin.getStopping().getEndIdsList().contains(id))
            end(EndReason.END_REASON_TOKEN);
        else if (tokens >= begin.getStopping().getMaxNewTokens())
            end(EndReason.END_REASON_LENGTH);
    }

    private void end(EndReason reason) {
        var begin = begun.orElseThrow();
        call.answer(GenerateEvent.newBuilder()
                .setEnded(Ended.newBuilder()
                        .setEpoch(begin.getEpoch())
                        .setChoice(begin.getChoice())
                        .setReason(reason)
                        .setDecodeUs(tokens * stepMicros()))
                .build());
        finish();
    }

    private long stepMicros() {
        return TimeUnit.NANOSECONDS.toMicros(node.spec().stepNanos());
    }

    void refuse(Failure failure) {
        call.answer(GenerateEvent.newBuilder().setRefused(Refusals.toProto(0, failure)).build());
        finish();
    }

    private void finish() {
        call.finish("ended by the node");
        node.leave(this);
    }

    void beat(long steps) {
        long nowNanos = node.machine().nowNanos();
        if (nowNanos - heardNanos >= ROUTER_SILENCE_NANOS)
            finish();
        else if (phase == Phase.GENERATING && credit == 0 && nowNanos - creditNanos >= NO_CREDIT_NANOS)
            refuse(new Failure.SlowClient("no credit"));
        else
            call.answer(GenerateEvent.newBuilder().setBeat(StreamBeat.newBuilder().setSteps(steps)).build());
    }
}
