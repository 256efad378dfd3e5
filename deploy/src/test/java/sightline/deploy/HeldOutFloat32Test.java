package sightline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sightline.deploy.cluster.ServedCluster;

@Timeout(240)
class HeldOutFloat32Test {
    @RegisterExtension
    static final ServedCluster CLUSTER = new ServedCluster(Map.of("model.dtype", "float32"));

    /** Two logits closer than this may change places under another order of summation. */
    private static final double TIE = 1e-3;

    @Test
    void everyAnswerIsTheOneOfTransformers() throws Exception {
        var answers = HeldOutAnswers.ask(CLUSTER.inference(), HeldOutSet.read());
        System.out.print(answers.table("held-out questions, float32"));
        assertThat(answers.all()).hasSizeGreaterThanOrEqualTo(1000)
                .filteredOn(one -> one.item().minMargin() >= TIE)
                .allSatisfy(one -> assertThat(one.ids()).as("%s: %s", one.item().name(), one.item().question())
                        .isEqualTo(one.item().goldenIds()));
    }
}
