package sightline.deploy.client;

import sightline.wire.Received;

/** A request was refused, or its stream broke: what the server said, or what gRPC said in its place. */
public final class RequestFailed extends Exception {

    private static final long serialVersionUID = 1;

    private final transient Received received;

    public RequestFailed(Received received) {
        super(received.message());
        this.received = received;
    }

    public Received received() {
        return received;
    }
}
