package sightline.router.session;

import io.grpc.Channel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import sightline.router.fleet.DemoModel;
import sightline.router.fleet.EncodeJob;
import sightline.router.fleet.JobId;
import sightline.router.fleet.LearnedModel;
import sightline.router.fleet.PeerId;
import sightline.router.fleet.Worker;
import sightline.router.prompt.EncodedPrompt;
import sightline.router.prompt.RequestRefused;
import sightline.router.request.RequestLimits;
import sightline.router.request.RequestParser;
import sightline.router.request.Requests;
import sightline.router.text.Ids;
import sightline.stage.v1.Encoded;
import sightline.stage.v1.EndReason;
import sightline.stage.v1.Ended;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.Load;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.Prefilled;
import sightline.stage.v1.StreamBeat;
import sightline.stage.v1.Ticket;
import sightline.stage.v1.TokenScores;
import sightline.stage.v1.Tokens;
import sightline.stage.v1.Turn;
import sightline.v1.GenerateRequest;
import sightline.wire.Choices;
import sightline.wire.Failure;
import sightline.wire.Refusals;

/** What pure session tests are made of: time is in seconds from the receipt of the request. */
final class SessionFixture {
    static final SessionRules RULES = new SessionRules(Duration.ZERO, 8, Duration.ofSeconds(30), Duration.ofSeconds(2),
            Duration.ofSeconds(60), Duration.ofMillis(500));

    /** As {@link #RULES}, but a request waits for a replica, and may have several tokens unread. */
    static final SessionRules PATIENT = new SessionRules(Duration.ofSeconds(10), 8, RULES.slowClientAfter(),
            RULES.silentAfter(), RULES.stalledAfter(), RULES.beatInterval());
    static final JobId JOB = new JobId(1);
    static final int DEADLINE_SECONDS = 100;
    static final int CONTEXT = 64;
    static final LearnedModel MODEL = DemoModel.learned();

    private static final Channel CHANNEL = InProcessChannelBuilder.forName("nobody").build();
    static final Worker REPLICA = replica("language-1");
    static final Worker OTHER_REPLICA = replica("language-2");

    private SessionFixture() {}

    private static Worker replica(String name) {
        return new Worker(new PeerId(name, 1), CHANNEL,
                NodeDescription.newBuilder().setFingerprint("language-print").setContextLength(CONTEXT).build(),
                Load.getDefaultInstance(), true);
    }

    static GenerateRequest.Builder question() {
        return Requests.question("hi").setRequestId("r");
    }

    static SessionFacts facts(GenerateRequest.Builder request, SessionRules rules) {
        try {
            var valid = new RequestParser(new RequestLimits(4, 1 << 20, 1 << 20)).parse("", request.build());
            return new SessionFacts(JOB, valid, MODEL,
                    valid.sampling().resolve(MODEL.config().generation(), 5),
                    CONTEXT, nanos(0), nanos(DEADLINE_SECONDS), rules);
        } catch (RequestRefused e) {
            throw new IllegalArgumentException(e);
        }
    }

    static long nanos(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    /** Ten positions, of which the pictures take two each from the third on. */
    static PreparedPrompt prompt(SessionFacts facts, int pictures, int maxNewTokens) {
        var ids = Ids.empty();
        for (int i = 0; i < 10; i++)
            ids = ids.append(300 + i);
        var rows = IntStream.range(0, pictures).mapToObj(i -> new EncodedPrompt.Rows(2 + 2 * i, 2)).toList();
        var job = IntStream.range(0, pictures)
                .mapToObj(_ -> new EncodeJob.Picture("prompt.images[0]", MODEL.imageKey(Requests.picture()),
                        Requests.picture()))
                .toList();
        return new PreparedPrompt(new EncodedPrompt(ids, rows), job, Choices.FREE, maxNewTokens,
                answers(facts, maxNewTokens));
    }

    private static List<Answer> answers(SessionFacts facts, int maxNewTokens) {
        try {
            return new FirstAnswers(facts).of(Choices.FREE, maxNewTokens);
        } catch (RequestRefused e) {
            throw new IllegalArgumentException(e);
        }
    }

    static Encoded ticket(int queueMicros) {
        return Encoded.newBuilder()
                .setQueueUs(queueMicros)
                .setPreprocessUs(10)
                .setEncodeUs(100)
                .setTicket(Ticket.newBuilder().setVisionFingerprint("vision-print"))
                .build();
    }

    static SessionEvent encoded(int picture, Encoded encoded) {
        return new SessionEvent.OfVision(new EncodeJob.Answer.Ready(picture, encoded));
    }

    static SessionEvent tokens(int index, int... ids) {
        return tokensOfEpoch(0, index, ids);
    }

    static SessionEvent tokensOfEpoch(int epoch, int index, int... ids) {
        return choiceTokens(0, epoch, index, ids);
    }

    static SessionEvent choiceTokens(int choice, int epoch, int index, int... ids) {
        return said(choice, epoch, GenerateEvent.newBuilder()
                .setTokens(Tokens.newBuilder()
                        .setChoice(choice)
                        .setEpoch(epoch)
                        .setIndex(index)
                        .addAllIds(Arrays.stream(ids).boxed().toList())));
    }

    static SessionEvent scoredToken(int index, int id, double logprob) {
        return said(GenerateEvent.newBuilder()
                .setTokens(Tokens.newBuilder()
                        .setIndex(index)
                        .addIds(id)
                        .addAllScores(List.of(TokenScores.newBuilder().setLogprob(logprob).build()))));
    }

    static SessionEvent prefilled() {
        return prefilled(0, 0);
    }

    static SessionEvent prefilled(int choice, int epoch) {
        return said(choice, epoch, GenerateEvent.newBuilder()
                .setPrefilled(Prefilled.newBuilder()
                        .setQueueUs(1)
                        .setHandoffUs(2)
                        .setPrefillUs(3)
                        .setCachedPromptTokens(4)));
    }

    static SessionEvent ended(int decodeMicros) {
        return ended(0, 0, decodeMicros);
    }

    static SessionEvent ended(int choice, int epoch, int decodeMicros) {
        return said(choice, epoch, GenerateEvent.newBuilder()
                .setEnded(Ended.newBuilder().setReason(EndReason.END_REASON_TOKEN).setDecodeUs(decodeMicros)));
    }

    static SessionEvent refused(Failure failure) {
        return refused(0, 0, failure);
    }

    static SessionEvent refused(int choice, int epoch, Failure failure) {
        return said(choice, epoch, GenerateEvent.newBuilder().setRefused(Refusals.toProto(0, failure)));
    }

    static SessionEvent turn(int choice, int epoch) {
        return said(choice, epoch, GenerateEvent.newBuilder().setTurn(Turn.getDefaultInstance()));
    }

    static SessionEvent beat(int steps) {
        return said(GenerateEvent.newBuilder().setBeat(StreamBeat.newBuilder().setSteps(steps)));
    }

    static SessionEvent said(GenerateEvent.Builder event) {
        return said(0, 0, event);
    }

    private static SessionEvent said(int choice, int epoch, GenerateEvent.Builder event) {
        return new SessionEvent.ReplicaSaid(choice, epoch, event.build());
    }

    /** Asked for so many answers. */
    static GenerateRequest.Builder several(int answers) {
        var request = question();
        request.getSamplingBuilder().setN(answers);
        return request;
    }
}
