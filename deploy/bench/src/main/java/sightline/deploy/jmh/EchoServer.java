package sightline.deploy.jmh;

import io.grpc.stub.StreamObserver;
import java.io.IOException;
import sightline.stage.v1.GenerateCommand;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.LanguageGrpc;

/** A process that sends every heartbeat back. Prints its port and ends with its standard input. */
final class EchoServer extends LanguageGrpc.LanguageImplBase {
    private EchoServer() {}

    public static void main(String[] args) throws IOException {
        ChildService.serve(new EchoServer());
    }

    @Override
    public StreamObserver<GenerateCommand> generate(StreamObserver<GenerateEvent> events) {
        return new StreamObserver<>() {
            @Override
            public void onNext(GenerateCommand command) {
                events.onNext(GenerateEvent.newBuilder().setBeat(command.getBeat()).build());
            }

            @Override
            public void onError(Throwable error) {
                // the caller is gone
            }

            @Override
            public void onCompleted() {
                events.onCompleted();
            }
        };
    }
}
