package sightline.deploy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sightline.deploy.cluster.ServedCluster;

@Timeout(180)
class ServedPhiTest {
    private static final ServedGolden GOLDEN = ServedGolden.of("phi");

    @RegisterExtension
    static final ServedCluster CLUSTER = GOLDEN.cluster();

    @Test
    void everyAnswerIsTheOneOfTransformers() throws Exception {
        GOLDEN.assertAnswered(CLUSTER.inference());
    }
}
