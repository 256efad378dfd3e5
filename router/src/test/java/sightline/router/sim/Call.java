package sightline.router.sim;

import java.util.Optional;
import java.util.function.Function;

/**
 * One gRPC stream: each side's messages arrive in order, after a while, until it is closed; each side is told once that
 * it is.
 *
 * @param <Q> what the caller says
 * @param <A> what the called one answers
 */
final class Call<Q, A> {
    /** One side's ear. */
    interface Listener<M> {
        void said(M message);

        void closed(String why);
    }

    private final Network network;
    private final Machine caller;
    private final Machine called;
    private final Pipe toCaller;
    private final Pipe toCalled;
    private final boolean leaky;
    private final Listener<A> callerEar;
    private Optional<Listener<Q>> calledEar = Optional.empty();
    private boolean callerDone;
    private boolean calledDone;
    private boolean cancelled;

    /** @param leaky whether words that are under way when the caller cancels arrive all the same */
    Call(Network network, Machine caller, Machine called, Listener<A> ear, boolean leaky) {
        this.network = network;
        this.caller = caller;
        this.called = called;
        this.callerEar = ear;
        this.leaky = leaky;
        this.toCaller = network.pipe(called, caller);
        this.toCalled = network.pipe(caller, called);
    }

    void begin(Function<Call<Q, A>, Listener<Q>> service) {
        toCalled.deliver(() -> calledEar = Optional.of(service.apply(this)));
    }

    /** Says something to the called one. */
    void send(Q message) {
        if (!callerDone)
            toCalled.deliver(() -> {
                if (!calledDone)
                    calledEar.ifPresent(ear -> ear.said(message));
            });
    }

    /** Says something to the caller. */
    void answer(A message) {
        if (!calledDone)
            toCaller.deliver(() -> {
                if (!callerDone || (cancelled && leaky))
                    callerEar.said(message);
            });
    }

    /** The called one has no more to say, and wants to hear nothing. */
    void finish(String why) {
        calledDone = true;
        toCaller.deliver(() -> closeCaller(why));
    }

    /** The caller wants no more. */
    void cancel() {
        if (callerDone)
            return;
        cancelled = true;
        toCalled.deliver(() -> closeCalled("cancelled"));
        callerDone = true;
        caller.post(() -> callerEar.closed("cancelled"));
    }

    /** The connection breaks; what was under way is lost. */
    void reset(String why) {
        network.pipe(called, caller).deliver(() -> closeCaller(why));
        network.pipe(caller, called).deliver(() -> closeCalled(why));
    }

    /** A process ends; what it has said before arrives. */
    void end(String why) {
        toCaller.deliver(() -> closeCaller(why));
        toCalled.deliver(() -> closeCalled(why));
    }

    private void closeCaller(String why) {
        if (!callerDone) {
            callerDone = true;
            callerEar.closed(why);
        }
    }

    private void closeCalled(String why) {
        if (!calledDone) {
            calledDone = true;
            calledEar.ifPresent(ear -> ear.closed(why));
        }
    }

    Machine caller() {
        return caller;
    }

    Machine called() {
        return called;
    }

    boolean isBetween(String one, String other) {
        return caller.name().equals(one) && called.name().equals(other);
    }

    boolean touches(Machine machine) {
        return caller == machine || called == machine;
    }

    /** Whether the caller lives, waits for words, and gets them. */
    boolean isHeard() {
        return !callerDone && !caller.is(Machine.Condition.DEAD) && !network.isCut(called.name(), caller.name());
    }

    boolean isOver() {
        return (callerDone || caller.is(Machine.Condition.DEAD))
                && (calledDone || called.is(Machine.Condition.DEAD));
    }
}
