package sightline.router.sim;

/** One direction between two machines, in which nothing overtakes anything. */
final class Pipe {
    private final Network network;
    private final Machine from;
    private final Machine to;
    private long lastNanos;

    Pipe(Network network, Machine from, Machine to) {
        this.network = network;
        this.from = from;
        this.to = to;
    }

    void deliver(Runnable arrival) {
        lastNanos = Math.max(lastNanos, network.arrivalNanos());
        network.time().at(lastNanos, () -> arrive(arrival));
    }

    /** What meets a cut waits there, as the kernel sends again until somebody takes it. */
    private void arrive(Runnable arrival) {
        if (network.isCut(from.name(), to.name()))
            network.hold(from.name(), to.name(), () -> arrive(arrival));
        else
            to.run(arrival);
    }
}
