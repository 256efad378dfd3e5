package sightline.deploy.top;

import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import sightline.wire.Endpoint;
import sightline.wire.Received;

/** The story of {@code top}: look, wait a moment, look again, show what there is and what was done in between. */
public final class Top implements AutoCloseable {
    private final RouterQuestion question;
    private final MetricsReader metrics = new MetricsReader();
    private final Screen screen;
    private final Duration interval;

    private Optional<Look> before = Optional.empty();
    private Changes changes = Changes.none();

    /**
     * Nothing is asked before {@link #once} or {@link #live}.
     *
     * @param routers at least one
     * @param interval between two looks
     */
    public Top(List<Endpoint> routers, Screen screen, Duration interval) {
        this.question = new RouterQuestion(routers);
        this.screen = screen;
        this.interval = interval;
    }

    /** Shows one view, with rates over one interval; gives what went wrong where no router answers. */
    public Optional<Received> once() throws InterruptedException {
        if (question.ask() instanceof RouterQuestion.Answer.Cluster first) {
            before = Optional.of(look(first));
            Thread.sleep(interval);
        }
        return switch (question.ask()) {
            case RouterQuestion.Answer.Cluster cluster -> {
                screen.show(view(look(cluster)));
                yield Optional.empty();
            }
            case RouterQuestion.Answer.Nobody(var received) -> Optional.of(received);
        };
    }

    /** Shows view after view until nobody sees them. */
    public void live() throws InterruptedException {
        while (screen.show(view(question.ask())))
            Thread.sleep(interval);
    }

    private List<String> view(RouterQuestion.Answer answer) {
        return switch (answer) {
            case RouterQuestion.Answer.Cluster cluster -> view(look(cluster));
            case RouterQuestion.Answer.Nobody(var received) -> List.of("no router answers: " + received.message());
        };
    }

    private Look look(RouterQuestion.Answer.Cluster cluster) {
        return new Look(cluster.router(), cluster.nodes(), metrics.read(cluster.nodes()));
    }

    private List<String> view(Look now) {
        var then = before.orElse(now);
        changes = changes.and(then, now, LocalTime.now(ZoneId.systemDefault()));
        before = Optional.of(now);
        return ClusterTable.lines(then, now, changes);
    }

    @Override
    public void close() {
        question.close();
        metrics.close();
        screen.close();
    }
}
