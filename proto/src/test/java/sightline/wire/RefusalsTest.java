package sightline.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import sightline.stage.v1.Refused;

final class RefusalsTest {
    @Test
    void everyFailureSurvivesTheWay() {
        for (Failure failure : StatusMappingTest.all())
            assertThat(Refusals.fromProto(Refusals.toProto(7, failure), "r-1")).isEqualTo(failure);
    }

    @Test
    void unknownReasonIsABug() {
        var refused = Refused.newBuilder().setReason("FROM_THE_FUTURE").setMessage("inside things").build();

        assertThat(Refusals.fromProto(refused, "r-2")).isEqualTo(new Failure.Bug("r-2"));
    }
}
