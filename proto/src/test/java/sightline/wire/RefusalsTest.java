package sightline.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import sightline.stage.v1.Refused;

final class RefusalsTest {
    @Test
    void everyFailureSurvivesTheWay() {
        for (Failure failure : StatusMappingTest.all())
            for (var told : new Failure[]{failure, failure.at("prompt.images[1]")})
                assertThat(Refusals.fromProto(Refusals.toProto(7, told), "r-1")).isEqualTo(told);
    }

    @Test
    void unknownReasonIsABug() {
        var refused = Refused.newBuilder().setReason("FROM_THE_FUTURE").setMessage("inside things").build();

        assertThat(Refusals.fromProto(refused, "r-2")).isEqualTo(new Failure.Bug("r-2"));
    }
}
