package sightline.language;

import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.language.LanguageModel.Command;
import sightline.language.model.DecoderModel;
import sightline.language.model.FurtherStages;
import sightline.language.model.HeadStage;
import sightline.runtime.LogValue;
import sightline.wire.Failure;

/**
 * The language model's actor while further stages of its replica are missing: refuses what comes, and becomes the
 * {@link LanguageModel} once they are linked and the whole is tested. That one comes back here when a stage is lost; the
 * weights of the first stage stay loaded, on the same thread.
 */
final class LinkingModel extends AbstractMatchingBehavior<Command> {
    private static final Logger LOG = LoggerFactory.getLogger(LinkingModel.class);

    private final LanguageModel.Parts parts;
    private final TimerScheduler<Command> timers;
    private final HeadStage head;
    private final int vocabulary;
    private final Watch watch;
    private boolean stopping;

    /** Hears how far the replica is; on the model's thread. */
    interface Watch {
        /** All stages are linked and tested. */
        void warm(DecoderModel model);

        /** A stage is lost, or leaves. Told before the requests that run hear of it. */
        void unlinked(String why);
    }

    /** An actor that loads the first stage on its own thread, and stops at once where that fails. */
    static Behavior<Command> create(LanguageModel.Parts parts, int vocabulary, Supplier<Optional<HeadStage>> load,
            Watch watch) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> load.get()
                .<Behavior<Command>>map(
                        head -> new LinkingModel(context, timers, parts, head, vocabulary, watch))
                .orElseGet(Behaviors::stopped)));
    }

    private LinkingModel(ActorContext<Command> context, TimerScheduler<Command> timers, LanguageModel.Parts parts,
            HeadStage head, int vocabulary, Watch watch) {
        super(context);
        this.parts = parts;
        this.timers = timers;
        this.head = head;
        this.vocabulary = vocabulary;
        this.watch = watch;
    }

    @Override
    public Behavior<Command> onMessage(Command command) {
        return switch (command) {
            case LanguageModel.Begin begin -> onBegin(begin);
            case LanguageModel.Linked(var stages) -> onLinked(stages);
            case LanguageModel.Stop() -> onStop();
            case LanguageModel.Unlinked _,LanguageModel.TicketCame _,LanguageModel.Fetched _,LanguageModel.NotFetched _,LanguageModel.CreditCame _,LanguageModel.TakeTurn _,LanguageModel.Withdraw _,LanguageModel.NextStep _,LanguageModel.StepReady _,LanguageModel.Wake _ ->
                    this; // of requests that have ended with the links
        };
    }

    @Override
    public Behavior<Command> onSignal(Signal signal) {
        if (signal instanceof PostStop) {
            onPostStop();
        }
        return this;
    }

    private Behavior<Command> onBegin(LanguageModel.Begin begin) {
        parts.places().giveBack();
        begin.listener().accept(new GenerationEvent.Failed(new Failure.Draining("a stage of this replica is missing")));
        return this;
    }

    private Behavior<Command> onLinked(FurtherStages stages) {
        DecoderModel model;
        try {
            model = head.link(stages);
        } catch (CompletionException lost) {
            LOG.warn("event=not-linked reason={}", LogValue.of(String.valueOf(lost.getMessage())));
            head.runner().unlink();
            return this;
        }
        watch.warm(model);
        var engine = new Engine(model.runner(), vocabulary, model.kvBlocks());
        return LanguageModel.serving(getContext(), timers, parts, engine, this::unlink);
    }

    private Behavior<Command> unlink(String why) {
        watch.unlinked(why);
        head.runner().unlink();
        return this;
    }

    private Behavior<Command> onStop() {
        stopping = true;
        return Behaviors.stopped();
    }

    private void onPostStop() {
        head.runner().close();
        if (stopping) {
            parts.stopped().complete(Done.getInstance());
        } else {
            parts.stopped().completeExceptionally(new IllegalStateException("the language model broke"));
        }
    }
}
