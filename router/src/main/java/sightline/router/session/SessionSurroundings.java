package sightline.router.session;

import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import sightline.router.fleet.Fleet;
import sightline.router.fleet.LanguageDispatcher;
import sightline.router.fleet.VisionDispatcher;

/** What all sessions share. */
public record SessionSurroundings(PromptPreparation preparation, ActorRef<Fleet.Command> fleet,
        ActorRef<VisionDispatcher.Command> vision, ActorRef<LanguageDispatcher.Command> language,
        RouterMetrics metrics, LongSupplier nanoClock) {}
