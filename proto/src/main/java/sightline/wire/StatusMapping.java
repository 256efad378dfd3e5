package sightline.wire;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The one mapping between a {@link Failure} and a gRPC status; no other class names {@code io.grpc.Status}. */
public final class StatusMapping {
    public static final String DOMAIN = "sightline";

    private static final Metadata.Key<String> PUSHBACK = Metadata.Key.of("grpc-retry-pushback-ms",
            Metadata.ASCII_STRING_MARSHALLER);

    private StatusMapping() {}

    /** The status to close a call with: details and, where trying again may help, the time to wait. */
    public static StatusRuntimeException toStatus(Failure failure) {
        var status = com.google.rpc.Status.newBuilder()
                .setCode(codeOf(failure).value())
                .setMessage(failure.text())
                .addDetails(Any.pack(ErrorInfo.newBuilder().setDomain(DOMAIN).setReason(failure.reason()).build()));
        var trailers = new Metadata();
        failure.place().ifPresent(path -> status.addDetails(Any.pack(badRequest(path, failure.message()))));
        failure.retryAfter().ifPresent(wait -> {
            status.addDetails(Any.pack(retryInfo(wait)));
            trailers.put(PUSHBACK, Long.toString(wait.toMillis()));
        });
        return StatusProto.toStatusRuntimeException(status.build(), trailers);
    }

    /** Ends a call with the failure, where there is no observer to tell. */
    public static void close(ServerCall<?, ?> call, Failure failure) {
        var status = toStatus(failure);
        call.close(status.getStatus(), requireNonNull(status.getTrailers()));
    }

    /** Ends a call with the status that gRPC itself gave up with; what carries none becomes UNKNOWN. */
    public static void closeAsThrown(ServerCall<?, ?> call, RuntimeException error) {
        call.close(Status.fromThrowable(error), new Metadata());
    }

    /** What an error from a call says, or nothing when {@code error} did not come from a call. */
    public static Optional<Received> read(Throwable error) {
        Throwable cause = error;
        while (cause != null && !(cause instanceof StatusRuntimeException) && !(cause instanceof StatusException))
            cause = cause.getCause();
        return cause == null ? Optional.empty() : Optional.of(received(cause));
    }

    private static Received received(Throwable statusError) {
        var status = Status.fromThrowable(statusError);
        var details = StatusProto.fromThrowable(statusError);
        var parts = details == null ? List.<Any>of() : details.getDetailsList();
        return new Received(status.getCode().name(),
                first(parts, ErrorInfo.class).filter(i -> i.getDomain().equals(DOMAIN)).map(ErrorInfo::getReason),
                Optional.ofNullable(status.getDescription()).orElse(""), violations(parts),
                first(parts, RetryInfo.class)
                        .map(i -> Duration.ofSeconds(i.getRetryDelay().getSeconds(), i.getRetryDelay().getNanos()))
                        .or(() -> pushback(Status.trailersFromThrowable(statusError))));
    }

    private static List<Received.Violation> violations(List<Any> details) {
        return first(details, BadRequest.class).stream()
                .flatMap(bad -> bad.getFieldViolationsList().stream())
                .map(v -> new Received.Violation(v.getField(), v.getDescription()))
                .toList();
    }

    /** A negative number, or what is none, asks not to try again. */
    private static Optional<Duration> pushback(@Nullable Metadata trailers) {
        return Optional.ofNullable(trailers)
                .map(all -> all.get(PUSHBACK))
                .filter(millis -> millis.matches("\\d{1,9}"))
                .map(millis -> Duration.ofMillis(Long.parseLong(millis)));
    }

    private static <T extends Message> Optional<T> first(List<Any> details, Class<T> type) {
        for (Any detail : details) {
            if (!detail.is(type))
                continue;
            try {
                return Optional.of(detail.unpack(type));
            } catch (InvalidProtocolBufferException _) {
                return Optional.empty(); // a detail we cannot read says nothing
            }
        }
        return Optional.empty();
    }

    private static BadRequest badRequest(String path, String message) {
        var violation = BadRequest.FieldViolation.newBuilder().setField(path).setDescription(message);
        return BadRequest.newBuilder().addFieldViolations(violation).build();
    }

    private static RetryInfo retryInfo(Duration wait) {
        var delay = com.google.protobuf.Duration.newBuilder().setSeconds(wait.getSeconds()).setNanos(wait.getNano());
        return RetryInfo.newBuilder().setRetryDelay(delay).build();
    }

    private static Status.Code codeOf(Failure failure) {
        return switch (failure) {
            case Failure.BadField _ -> Status.Code.INVALID_ARGUMENT;
            case Failure.BadImage _ -> Status.Code.INVALID_ARGUMENT;
            case Failure.PromptTooLong _ -> Status.Code.INVALID_ARGUMENT;
            case Failure.BadMessage _ -> Status.Code.INVALID_ARGUMENT;
            case Failure.BadTensor _ -> Status.Code.INVALID_ARGUMENT;
            case Failure.Quota _ -> Status.Code.RESOURCE_EXHAUSTED;
            case Failure.SlowClient _ -> Status.Code.RESOURCE_EXHAUSTED;
            case Failure.Overloaded _ -> Status.Code.UNAVAILABLE;
            case Failure.Draining _ -> Status.Code.UNAVAILABLE;
            case Failure.NoReplica _ -> Status.Code.UNAVAILABLE;
            case Failure.NoEqualReplica _ -> Status.Code.UNAVAILABLE;
            case Failure.Deadline _ -> Status.Code.DEADLINE_EXCEEDED;
            case Failure.UnknownModel _ -> Status.Code.NOT_FOUND;
            case Failure.NotHeld _ -> Status.Code.NOT_FOUND;
            case Failure.DuplicateRequest _ -> Status.Code.ALREADY_EXISTS;
            case Failure.WrongModel _ -> Status.Code.FAILED_PRECONDITION;
            case Failure.Diverged _ -> Status.Code.DATA_LOSS;
            case Failure.Poison _ -> Status.Code.INTERNAL;
            case Failure.Bug _ -> Status.Code.INTERNAL;
            case Failure.Cancelled _ -> Status.Code.CANCELLED;
        };
    }
}
