package sightline.router;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import sightline.stage.v1.Begin;
import sightline.stage.v1.EndReason;
import sightline.stage.v1.Ended;
import sightline.stage.v1.GenerateCommand;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.LanguageGrpc;
import sightline.stage.v1.LateTicket;
import sightline.stage.v1.Prefilled;
import sightline.stage.v1.Tokens;
import sightline.wire.Failure;
import sightline.wire.Refusals;

/** Decodes whatever it is told to, one token for each credit, and remembers what was asked of it. */
final class FakeLanguage extends LanguageGrpc.LanguageImplBase {

    /** What it does with the next requests. */
    sealed interface Manner {
        /** Says these ids, then that the answer ended by the last one. */
        record Say(List<Integer> ids) implements Manner {}

        /** Says these ids again and again, as long as there is credit. */
        record SayForEver(List<Integer> ids) implements Manner {}

        /** Says these ids, beats, and says nothing more. */
        record SayThenHold(List<Integer> ids) implements Manner {}

        /** Takes the request, beats, and has not got the pictures' projected tokens yet. */
        record Fetch() implements Manner {}

        /** Takes the request, beats, and says nothing more. */
        record Hold() implements Manner {}

        /** Says nothing at all, not even that it lives. */
        record PlayDead() implements Manner {}

        record Refuse(Failure failure) implements Manner {}
    }

    final BlockingQueue<Begin> begins = new LinkedBlockingQueue<>();
    final BlockingQueue<LateTicket> tickets = new LinkedBlockingQueue<>();
    final BlockingQueue<String> cancelled = new LinkedBlockingQueue<>();
    private final AtomicReference<Manner> manner;
    private final Set<Sequence> running = ConcurrentHashMap.newKeySet();

    FakeLanguage(Manner manner) {
        this.manner = new AtomicReference<>(manner);
    }

    void will(Manner changed) {
        manner.set(changed);
    }

    int running() {
        return running.size();
    }

    @Override
    public StreamObserver<GenerateCommand> generate(StreamObserver<GenerateEvent> observer) {
        var call = (ServerCallStreamObserver<GenerateEvent>) observer;
        var sequence = new Sequence(call, manner.get());
        call.setOnCancelHandler(sequence::end);
        return sequence;
    }

    private final class Sequence implements StreamObserver<GenerateCommand> {
        private final ServerCallStreamObserver<GenerateEvent> call;
        private final Manner does;
        private Begin begun = Begin.getDefaultInstance();
        private int awaited;
        private int said;
        private int credit;

        private Sequence(ServerCallStreamObserver<GenerateEvent> call, Manner does) {
            this.call = call;
            this.does = does;
            if (!(does instanceof Manner.PlayDead))
                Beats.every(() -> send(GenerateEvent.newBuilder().setBeat(Beats.beat())), this::isOver);
        }

        private boolean isOver() {
            return call.isCancelled() || (!begun.getRequestId().isEmpty() && !running.contains(this));
        }

        @Override
        public synchronized void onNext(GenerateCommand command) {
            if (command.hasBegin())
                begin(command.getBegin());
            if (command.hasLateTicket()) {
                tickets.add(command.getLateTicket());
                awaited--;
                read();
            }
            credit += command.getCredit().getTokens();
            speak();
        }

        private void begin(Begin begin) {
            begun = begin;
            said = begin.getAnswerIdsCount();
            credit = begin.getCredit();
            running.add(this);
            begins.add(begin);
            awaited = (int) begin.getImagesList().stream().filter(image -> !image.hasTicket()).count();
            read();
        }

        private void read() {
            if (awaited > 0)
                return;
            switch (does) {
                case Manner.Refuse(var failure) ->
                        finish(GenerateEvent.newBuilder().setRefused(Refusals.toProto(0, failure)));
                case Manner.Say _,Manner.SayThenHold _,Manner.SayForEver _,Manner.Hold _ ->
                        send(GenerateEvent.newBuilder().setPrefilled(Prefilled.newBuilder().setPrefillUs(5)));
                case Manner.Fetch _,Manner.PlayDead _ -> {
                }
            }
        }

        private void speak() {
            if (awaited > 0)
                return;
            switch (does) {
                case Manner.Say(var ids) -> {
                    while (credit > 0 && said < ids.size())
                        say(ids.get(said));
                    if (said == ids.size())
                        finish(GenerateEvent.newBuilder()
                                .setEnded(Ended.newBuilder()
                                        .setEpoch(begun.getEpoch())
                                        .setChoice(begun.getChoice())
                                        .setReason(EndReason.END_REASON_TOKEN)
                                        .setEndId(ids.getLast())
                                        .setDecodeUs(9)));
                }
                case Manner.SayThenHold(var ids) -> {
                    while (credit > 0 && said < ids.size())
                        say(ids.get(said));
                }
                case Manner.SayForEver(var ids) -> {
                    while (credit > 0)
                        say(ids.get(said % ids.size()));
                }
                case Manner.Fetch _,Manner.Hold _,Manner.PlayDead _,Manner.Refuse _ -> {
                }
            }
        }

        private void say(int id) {
            send(GenerateEvent.newBuilder()
                    .setTokens(Tokens.newBuilder()
                            .setEpoch(begun.getEpoch())
                            .setChoice(begun.getChoice())
                            .setIndex(said)
                            .addIds(id)));
            said++;
            credit--;
        }

        private void finish(GenerateEvent.Builder last) {
            if (running.remove(this)) {
                send(last);
                call.onCompleted();
            }
        }

        private synchronized void send(GenerateEvent.Builder event) {
            call.onNext(event.build());
        }

        private void end() {
            if (running.remove(this))
                cancelled.add(begun.getRequestId());
        }

        @Override
        public void onError(Throwable error) {
            end();
        }

        @Override
        public void onCompleted() {
            // the router has nothing more to say
        }
    }
}
