package sightline.router;

import org.apache.pekko.actor.typed.ActorRef;
import sightline.router.fleet.Fleet;
import sightline.router.fleet.VisionDispatcher;
import sightline.router.session.Sessions;

/** The actors of a router that others talk to. */
record RouterActors(ActorRef<Fleet.Command> fleet, ActorRef<VisionDispatcher.Command> vision,
        ActorRef<Sessions.Command> sessions) {}
