package sightline.router.fleet;

import io.grpc.Channel;
import sightline.stage.v1.Load;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.Role;

/**
 * A node that can be given work now, and the channel to reach it.
 *
 * @param answering whether it still tells how it is; one that does not is chosen last
 * @param load as last told
 */
public record Worker(PeerId id, Channel channel, NodeDescription description, Load load, boolean answering) {

    boolean serves(Role role, String modelDigest) {
        return description.getRole() == role && description.getModel().getDigest().equals(modelDigest);
    }

    /** Empty when its self-test failed. */
    public String fingerprint() {
        return description.getFingerprint();
    }
}
