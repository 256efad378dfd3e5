package sightline.client;

import io.grpc.Status;
import java.util.List;
import java.util.Random;
import sightline.client.ScriptedRouter.Script;
import sightline.v1.GenerateResponse;
import sightline.wire.Failure;
import sightline.wire.StatusMapping;

/** What routers do in tests. */
final class Scripts {

    /** How a call breaks. */
    enum Break {
        /** gRPC says that the router cannot be reached. */
        UNAVAILABLE,
        /** The connection is reset, by the reader when it has so many events, or else before there are any. */
        RESET,
        /** The router goes down and resets its calls. */
        CANCELLED
    }

    private Scripts() {}

    /** Tells the tale, from where the request says. */
    static Script whole(Tale tale, Random random) {
        return (request, responses) -> tale.objection(request)
                .ifPresentOrElse(
                        objection -> responses.onError(StatusMapping.toStatus(objection)),
                        () -> {
                            tale.events(request, random).forEach(responses::onNext);
                            responses.onCompleted();
                        });
    }

    /** Does so for so many events, or for all where there are no more, and breaks. */
    static Script cut(Tale tale, Random random, int events, Break how, Link link) {
        return (request, responses) -> tale.objection(request)
                .ifPresentOrElse(
                        objection -> responses.onError(StatusMapping.toStatus(objection)),
                        () -> {
                            tale.events(request, random).stream().limit(events).forEach(responses::onNext);
                            switch (how) {
                                case UNAVAILABLE -> responses.onError(Status.UNAVAILABLE.asException());
                                case CANCELLED -> responses.onError(Status.CANCELLED.asException());
                                case RESET -> {
                                    if (events == 0)
                                        link.reset();
                                }
                            }
                        });
    }

    static Script refusal(Failure failure) {
        return (_, responses) -> responses.onError(StatusMapping.toStatus(failure));
    }

    /** Says exactly this, and then nothing. */
    static Script words(List<GenerateResponse> events) {
        return (_, responses) -> events.forEach(responses::onNext);
    }

    static Script silence() {
        return words(List.of());
    }
}
