package sightline.deploy.jmh;

import sightline.torch.Device;
import sightline.torch.Torch;

/** LibTorch, as a node starts it. */
final class Native {
    /** {@code -Dsightline.threads}: threads of one operator; 2 unless told otherwise. */
    private static final int THREADS = Integer.getInteger("sightline.threads", 2);

    private Native() {}

    static Torch start() {
        return Torch.start(Device.cpu(), THREADS);
    }
}
