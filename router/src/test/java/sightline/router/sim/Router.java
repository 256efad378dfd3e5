package sightline.router.sim;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import sightline.router.fleet.FleetSettings;
import sightline.router.fleet.FleetView;
import sightline.router.fleet.JobId;
import sightline.router.fleet.LearnedModel;
import sightline.router.fleet.PeerId;
import sightline.router.fleet.RunId;
import sightline.router.fleet.SimulatedFleet;
import sightline.router.fleet.SimulatedPlacement;
import sightline.router.fleet.SimulatedVision;
import sightline.router.session.SimulatedRequest;
import sightline.router.session.SimulatedSession;
import sightline.router.session.SimulatedSessions;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.ServedModel;
import sightline.stage.v1.VisionCommand;
import sightline.stage.v1.VisionEvent;
import sightline.v1.GenerateRequest;

/** One life of a router: its actors on one machine, each talking to the others by messages. */
final class Router {
    private static final FleetSettings SETTINGS = new FleetSettings(Duration.ofMillis(2), 16, Duration.ofSeconds(2),
            Duration.ofMillis(500));
    private static final long TICK_NANOS = VirtualTime.millis(250);

    private final Machine machine;
    private final World world;
    private final Chance chance;
    private final SimulatedSessions sessions;
    private final SimulatedFleet fleet;
    private final SimulatedVision vision;
    private final SimulatedPlacement placement;
    private final Map<RunId, RouterStream> streams = new LinkedHashMap<>();

    Router(Machine machine, World world, Chance chance) {
        this.machine = machine;
        this.world = world;
        this.chance = chance;
        this.sessions = new SimulatedSessions(world.sabotage());
        this.vision = new SimulatedVision(new AroundVision(), SETTINGS);
        this.placement = new SimulatedPlacement(machine::nowNanos);
        this.fleet = new SimulatedFleet(new AroundFleet());
        machine.every(TICK_NANOS, vision::tick);
        new Membership(machine, world, fleet::told);
    }

    Machine machine() {
        return machine;
    }

    Collection<SimulatedSession> sessions() {
        return sessions.running();
    }

    /** The stream that an answer has now, or had last. */
    Optional<RouterStream> stream(RunId id) {
        return Optional.ofNullable(streams.get(id));
    }

    /** Sessions, places and pictures. */
    int held() {
        return sessions.running().size() + placement.placed() + vision.held() + streams.size();
    }

    Call.Listener<Talk.Says> accept(Call<Talk.Says, Talk.Hears> call) {
        return new RouterCall(this, call);
    }

    Optional<SimulatedSession> admit(GenerateRequest request, long deadlineNanos, RouterCall client) {
        var admitted = sessions.admit(request, client, deadlineNanos, chance.any(),
                id -> new SessionSurroundings(this, id),
                prepare -> machine.after(chance.millis(1, 10), prepare));
        admitted.ifPresent(this::keepTicking);
        return admitted;
    }

    private void keepTicking(SimulatedSession session) {
        machine.after(TICK_NANOS, () -> {
            if (!session.isOver()) {
                session.tick();
                keepTicking(session);
            }
        });
    }

    World world() {
        return world;
    }

    SimulatedVision vision() {
        return vision;
    }

    SimulatedPlacement placement() {
        return placement;
    }

    SimulatedFleet fleet() {
        return fleet;
    }

    Map<RunId, RouterStream> streams() {
        return streams;
    }

    void over(JobId id) {
        sessions.over(id);
    }

    /** What the fleet's shell needs. */
    private final class AroundFleet implements SimulatedFleet.Surroundings {
        @Override
        public void describe(PeerId peer, Consumer<Optional<NodeDescription>> then) {
            world.network()
                    .ask(machine, peer.name(), asked -> world.description(asked),
                            SETTINGS.silentAfter().toNanos(), then);
        }

        @Override
        public void learn(PeerId from, ServedModel card, Consumer<Optional<LearnedModel>> then) {
            world.network()
                    .ask(machine, from.name(), _ -> Optional.of(SimulatedRequest.MODEL),
                            SETTINGS.silentAfter().toNanos(), then);
        }

        @Override
        public void tell(FleetView view) {
            machine.post(() -> sessions.view(view));
            machine.post(() -> vision.view(view));
            machine.post(() -> placement.view(view));
        }
    }

    /** What the vision dispatcher's shell needs. */
    private final class AroundVision implements SimulatedVision.Surroundings {
        @Override
        public long nowNanos() {
            return machine.nowNanos();
        }

        @Override
        public String relay() {
            return machine.name();
        }

        @Override
        public void gather(Runnable flush) {
            machine.after(SETTINGS.gather().toNanos(), flush);
        }

        @Override
        public SimulatedVision.Link open(PeerId node, Consumer<VisionEvent> said, Consumer<String> closed) {
            Call<VisionCommand, VisionEvent> call = world.network()
                    .open(machine, node.name(),
                            world.vision(node.name())::accept, Ear.of(said, closed));
            return new SimulatedVision.Link() {
                @Override
                public void send(VisionCommand command) {
                    call.send(command);
                }

                @Override
                public void cancel() {
                    call.cancel();
                }
            };
        }

        @Override
        public void lost(PeerId node, String why) {
            world.trace().note("{} lost {}: {}", machine, node, why);
            machine.post(() -> fleet.lost(node));
        }
    }
}
