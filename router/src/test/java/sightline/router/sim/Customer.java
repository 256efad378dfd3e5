package sightline.router.sim;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import sightline.v1.GenerateRequest;
import sightline.wire.Failure;

/**
 * A client: asks one router, reads at its own pace, and where a router is lost, or says that another time may be better,
 * goes on with what it has at the next one.
 */
final class Customer {
    private static final long PATIENCE_NANOS = VirtualTime.millis(9_000);

    /** One call, and what of it was not read yet; the end of the call is read in its turn. */
    private final class Visit implements Call.Listener<Talk.Hears> {
        private final Queue<Runnable> unread = new ArrayDeque<>();
        private Optional<Call<Talk.Says, Talk.Hears>> call = Optional.empty();
        private long heardNanos = machine.nowNanos();
        private boolean reading;
        private boolean over;

        private void begin() {
            var router = world.nextRouter(chance);
            world.trace()
                    .note("{} asks {}{}", request.getRequestId(), router.machine(),
                            transcript.hasBegun() ? " to go on behind " + transcript.tokens() + " tokens" : "");
            Call<Talk.Says, Talk.Hears> opened = world.network()
                    .open(machine, router.machine().name(), router::accept, this);
            call = Optional.of(opened);
            opened.send(new Talk.Ask(transcript.ask(), deadlineNanos));
            watch();
        }

        private void watch() {
            machine.after(VirtualTime.millis(1_000), () -> {
                if (visit != this || over || ended)
                    return;
                if (unread.isEmpty() && machine.nowNanos() - heardNanos >= PATIENCE_NANOS && !world.isCalm()) {
                    leave();
                    goElsewhere("nothing was heard of the router");
                } else {
                    watch();
                }
            });
        }

        @Override
        public void said(Talk.Hears words) {
            hear(() -> read(words));
        }

        @Override
        public void closed(String why) {
            hear(() -> {
                if (!over)
                    goElsewhere(why);
            });
        }

        private void hear(Runnable what) {
            heardNanos = machine.nowNanos();
            unread.add(what);
            if (!reading)
                readNext();
        }

        private void readNext() {
            reading = !unread.isEmpty();
            if (reading)
                machine.after(pauseNanos(), () -> {
                    if (visit != this || ended)
                        return;
                    heardNanos = machine.nowNanos();
                    unread.remove().run();
                    readNext();
                });
        }

        private void read(Talk.Hears words) {
            switch (words) {
                case Talk.Response(var response) -> {
                    transcript.add(response);
                    call.orElseThrow().send(new Talk.Read());
                }
                case Talk.Done() -> {
                    over = true;
                    finish();
                }
                case Talk.Failed(var failure) -> {
                    over = true;
                    failed(failure);
                }
            }
        }

        private void leave() {
            over = true;
            call.ifPresent(Call::cancel);
        }
    }

    private final World world;
    private final Machine machine;
    private final Chance chance;
    private final GenerateRequest request;
    private final Habits habits;
    private final Transcript transcript;
    private Visit visit;
    private long deadlineNanos;
    private int responses;
    private boolean ended;

    Customer(World world, Machine machine, Chance chance, GenerateRequest request, Habits habits) {
        this.world = world;
        this.machine = machine;
        this.chance = chance;
        this.request = request;
        this.habits = habits;
        this.transcript = new Transcript(request);
        this.visit = new Visit();
    }

    void begin() {
        deadlineNanos = machine.nowNanos() + habits.allowedNanos();
        world.totals().one(Totals.Of.REQUESTS);
        habits.goneNanos().ifPresent(nanos -> machine.after(nanos, this::vanish));
        machine.after(habits.allowedNanos() + VirtualTime.millis(1_000), this::late);
        visit.begin();
    }

    boolean isEnded() {
        return ended;
    }

    @Override
    public String toString() {
        return request.getRequestId() + ", " + habits + ", " + transcript.tokens() + " tokens";
    }

    private long pauseNanos() {
        return ++responses == habits.pauseBefore() ? habits.pauseNanos() : habits.paceNanos();
    }

    private void vanish() {
        if (ended)
            return;
        ended = true;
        world.totals().one(Totals.Of.GONE_CLIENTS);
        visit.leave();
    }

    private void finish() {
        if (!transcript.isFinished())
            throw new AssertionError("the call was completed without Finished");
        ended = true;
        world.totals().one(Totals.Of.ANSWERED);
        world.totals().add(Totals.Of.TOKENS, transcript.tokens());
        world.trace().note("{} is answered with {} tokens", request.getRequestId(), transcript.tokens());
    }

    private void late() {
        if (ended)
            return;
        if (habits.isGood())
            throw new AssertionError("no end at the deadline of " + this);
        ended = true;
        world.totals().one(Totals.Of.DEADLINES);
        visit.leave();
    }

    private void goElsewhere(String why) {
        world.trace().note("{} lost its router: {}", request.getRequestId(), why);
        world.totals().one(transcript.hasBegun() ? Totals.Of.RESUMES : Totals.Of.RETRIES);
        comeBack(chance.millis(50, 500));
    }

    private void comeBack(long waitNanos) {
        visit = new Visit();
        machine.after(waitNanos, () -> {
            if (!ended)
                visit.begin();
        });
    }

    private void failed(Failure failure) {
        world.trace().note("{} failed: {} {}", request.getRequestId(), failure.reason(), failure.text());
        switch (failure) {
            case Failure.Overloaded _,Failure.Draining _,Failure.NoReplica _,Failure.NoEqualReplica _,Failure.DuplicateRequest _ -> {
                world.totals().one(Totals.Of.RETRIES);
                comeBack(chance.millis(300, 1_500));
            }
            case Failure.SlowClient _ -> end(Totals.Of.SLOW_CLIENTS, habits.pauseNanos() >= VirtualTime.millis(30_000),
                    failure);
            case Failure.Deadline _ -> end(Totals.Of.DEADLINES, machine.nowNanos() >= deadlineNanos, failure);
            case Failure.Poison _ when Poison.isIn(request.getPrompt().getText()) ->
                    end(Totals.Of.POISONED, true, failure);
            case Failure.Poison _ ->
                    end(Totals.Of.BLAMED_BY_MISTAKE, world.mayBeBlamed(), failure);
            case Failure.Cancelled _,Failure.BadField _,Failure.BadImage _,Failure.PromptTooLong _,Failure.BadMessage _,Failure.Quota _,Failure.UnknownModel _,Failure.Diverged _,Failure.Bug _,Failure.NotHeld _,Failure.WrongModel _,Failure.BadTensor _ ->
                    end(Totals.Of.ANSWERED, false, failure);
        }
    }

    private void end(Totals.Of as, boolean isExcused, Failure failure) {
        if (!isExcused)
            throw new AssertionError(this + " ended as " + failure);
        ended = true;
        world.totals().one(as);
    }
}
