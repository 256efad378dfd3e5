package sightline.language;

import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import sightline.runtime.Outbox;
import sightline.stage.v1.Begin;
import sightline.stage.v1.Credit;
import sightline.stage.v1.GenerateCommand;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.LateTicket;
import sightline.wire.Failure;
import sightline.wire.StatusMapping;

/**
 * The router's side of one stream: the first command begins, all others keep alive, bring tickets or give credit.
 *
 * <p>gRPC calls it from one thread at a time, the timer from its own.
 */
final class GenerateCall implements StreamObserver<GenerateCommand> {
    private final LanguageService service;
    private final Outbox<GenerateEvent> outbox;
    private final Beats beats;
    private volatile Optional<Attempt> attempt = Optional.empty();
    private volatile long heardNanos;
    private boolean refused;

    GenerateCall(LanguageService service, Outbox<GenerateEvent> outbox, Beats beats) {
        this.service = service;
        this.outbox = outbox;
        this.beats = beats;
        this.heardNanos = beats.nowNanos();
    }

    @Override
    public void onNext(GenerateCommand command) {
        heardNanos = beats.nowNanos();
        switch (command.getCommandCase()) {
            case BEGIN -> onBegin(command.getBegin());
            case CREDIT -> onCredit(command.getCredit());
            case BEAT -> {
            }
            case LATE_TICKET -> onLateTicket(command.getLateTicket());
            case TAKE_TURN -> attempt.ifPresent(Attempt::takeTurn);
            case COMMAND_NOT_SET ->
                    refuse(new Failure.BadMessage(
                            "command: none (expected: begin, credit, beat, late_ticket or take_turn)"));
        }
    }

    /** The call has broken. */
    @Override
    public void onError(Throwable error) {
        onGone();
    }

    /** The router has nothing more to say; it still listens. */
    @Override
    public void onCompleted() {}

    /** The call was cancelled or has broken: nobody listens. */
    void onGone() {
        outbox.abandon();
        attempt.ifPresent(Attempt::withdraw);
    }

    /** When the router said something last, by the clock of {@link Beats}. */
    long heardNanos() {
        return heardNanos;
    }

    void beat() {
        attempt.ifPresent(running -> running.onBeat(service.parts().fetchStalledAfter(), System.nanoTime()));
        if (service.parts().stopped().isDone()) {
            refuse(new Failure.Draining("this node is going away")); // the model may never have heard of the request
        } else {
            outbox.beat(GenerateEvent.newBuilder().setBeat(service.parts().board().beat()).build());
        }
    }

    /** Gives the router up: what the request holds is freed before the next step. */
    void onSilence(Duration silence) {
        outbox.fail(StatusMapping.toStatus(
                new Failure.Cancelled("the router was silent for " + silence.toSeconds() + " s")));
        attempt.ifPresent(Attempt::withdraw);
    }

    boolean isOver() {
        return outbox.isClosed();
    }

    private void onBegin(Begin begin) {
        if (attempt.isPresent() || refused) {
            refuse(new Failure.BadMessage("begin: a second one (expected: one in a stream)"));
            return;
        }
        try {
            var admitted = service.admit(begin, outbox);
            attempt = Optional.of(admitted);
            admitted.begin();
            if (outbox.isClosed()) {
                admitted.withdraw(); // given up as silent while the request was looked at
            }
        } catch (Refusal e) {
            refused = true;
            outbox.sendLast(EventMessages.refused(e.failure()));
        }
    }

    private void onCredit(Credit credit) {
        if (credit.getTokens() < 1) {
            refuse(new Failure.BadField("credit.tokens", credit.getTokens() + " (expected: >= 1)"));
        } else {
            attempt.ifPresent(running -> running.credit(credit.getTokens()));
        }
    }

    private void onLateTicket(LateTicket late) {
        if (attempt.isEmpty()) {
            refuse(new Failure.BadMessage("late_ticket: before begin (expected: after it)"));
            return;
        }
        try {
            service.take(late, attempt.get());
        } catch (Refusal e) {
            refuse(e.failure());
        }
    }

    private void refuse(Failure failure) {
        outbox.sendLast(EventMessages.refused(failure));
        attempt.ifPresent(Attempt::withdraw);
    }
}
