package sightline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sightline.deploy.cluster.ServedCluster;

@Timeout(240)
class HeldOutBFloat16Test {
    @RegisterExtension
    static final ServedCluster CLUSTER = new ServedCluster(Map.of("model.dtype", "bfloat16"));

    @Test
    void accuracyIsWithinOnePercentOfTransformersInFloat32() throws Exception {
        var questions = HeldOutSet.read();
        var answers = HeldOutAnswers.ask(CLUSTER.inference(), questions);
        System.out.print(answers.table("held-out questions, bfloat16"));
        assertThat(answers.accuracy()).isBetween(questions.goldenAccuracy() - 0.01, questions.goldenAccuracy() + 0.01);
    }
}
