package sightline.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.prometheus.client.CollectorRegistry;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.router.request.Requests;
import sightline.router.session.RouterMetrics;
import sightline.router.session.SessionLimits;
import sightline.v1.GenerateRequest;
import sightline.v1.InferenceGrpc;
import sightline.v1.ListModelsRequest;
import sightline.v1.ListModelsResponse;
import sightline.v1.Message;
import sightline.v1.Part;
import sightline.v1.Stopping;
import sightline.wire.StatusMapping;

@Timeout(60)
class CheckedMessagesTest {
    @Test
    void aServiceThatThrowsTellsNothingOfTheInside() throws Exception {
        var name = InProcessServerBuilder.generateName();
        var metrics = new RouterMetrics(new CollectorRegistry());
        var arriving = new ArrivingMessages(
                new RequestMemory(new SessionLimits(1, 1 << 20, Duration.ZERO), Duration.ofMinutes(1), _ -> {}),
                metrics);
        var server = InProcessServerBuilder.forName(name)
                .addService(CheckedMessages.of(new Throwing().bindService(), metrics))
                .addStreamTracerFactory(arriving)
                .intercept(arriving)
                .build()
                .start();
        var channel = InProcessChannelBuilder.forName(name).build();
        var stub = InferenceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);

        assertThatThrownBy(() -> stub.listModels(ListModelsRequest.getDefaultInstance())).satisfies(error -> {
            var received = StatusMapping.read(error).orElseThrow();
            assertThat(received.status()).isEqualTo("INTERNAL");
            assertThat(received.reason()).hasValue("BUG");
            assertThat(received.message()).startsWith("internal error, request ").doesNotContain("secret");
        });
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void fieldsAreCountedBeforeTheyAreBuilt() throws Exception {
        var type = GenerateRequest.getDescriptor();
        var parts = Collections.nCopies(FieldCount.MAX, Part.getDefaultInstance());
        var message = Message.newBuilder().setRole("user");
        var fits = Requests.conversation(message.addAllParts(parts.subList(0, FieldCount.MAX - 10)).build()).build();
        var tooMany = Requests.conversation(message.addAllParts(parts.subList(0, 10)).build()).build();
        var packed = GenerateRequest.newBuilder()
                .setStopping(Stopping.newBuilder().addAllStopTokenIds(Collections.nCopies(FieldCount.MAX, 1)));

        assertThatCode(() -> FieldCount.check(fits.toByteString().newInput(), type)).doesNotThrowAnyException();
        for (var refused : List.of(tooMany, packed.build()))
            assertThatThrownBy(() -> FieldCount.check(refused.toByteString().newInput(), type))
                    .isInstanceOf(InvalidProtocolBufferException.class);
    }

    private static final class Throwing extends InferenceGrpc.InferenceImplBase {
        @Override
        public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> answer) {
            throw new IllegalStateException("secret");
        }
    }
}
