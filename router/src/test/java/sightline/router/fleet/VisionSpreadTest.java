package sightline.router.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static sightline.router.fleet.VisionPlanTest.A;
import static sightline.router.fleet.VisionPlanTest.ALIKE;
import static sightline.router.fleet.VisionPlanTest.B;
import static sightline.router.fleet.VisionPlanTest.M;
import static sightline.router.fleet.VisionPlanTest.ONE;
import static sightline.router.fleet.VisionPlanTest.SERVES_M;
import static sightline.router.fleet.VisionPlanTest.TWO;
import static sightline.router.fleet.VisionPlanTest.costs;
import static sightline.router.fleet.VisionPlanTest.plan;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sightline.stage.v1.Encoded;

/** Jobs of several pictures, on several nodes. */
class VisionSpreadTest {
    private static final PeerId C = new PeerId("vision-c", 1);

    @Test
    void picturesOfAJobAreSpreadOverNodesThatAreAlike() {
        assertThat(plan(4).submit(ONE, M, 4).flush(ALIKE).effects()).containsExactly(
                new VisionEffect.Send(A, ONE, List.of(0, 2), 1), new VisionEffect.Send(B, ONE, List.of(1, 3), 3));
        assertThat(plan(4).submit(ONE, M, 2).flush(costs(1, 10)).effects())
                .containsExactly(new VisionEffect.Send(A, ONE, List.of(0, 1), 1));
    }

    @Test
    void eachPictureGoesToTheNodeThatIsDoneWithItFirst() {
        var known = new VisionCosts() {
            @Override
            public double seconds(PeerId node, JobId job, int picture) {
                return picture == 0 && node.equals(B) ? 0.1 : 1;
            }

            @Override
            public double silentSeconds(PeerId node) {
                return 0;
            }
        };
        assertThat(plan(4).submit(ONE, M, 3).flush(known).effects()).containsExactly(
                new VisionEffect.Send(B, ONE, List.of(0, 2), 1), new VisionEffect.Send(A, ONE, List.of(1), 3));
    }

    @Test
    void picturesOfAJobStayTogetherOnNodesOfOneFingerprint() {
        var other = plan(4).nodes(Map.of(A, SERVES_M, B, new VisionNeed.Offer("m", "other"), C, SERVES_M));
        assertThat(other.submit(ONE, M, 3).flush(ALIKE).effects()).containsExactly(
                new VisionEffect.Send(A, ONE, List.of(0, 2), 1), new VisionEffect.Send(C, ONE, List.of(1), 3));
        var unproved = new VisionNeed.Offer("m", "");
        assertThat(plan(4).nodes(Map.of(A, unproved, B, unproved)).submit(ONE, M, 2).flush(ALIKE).effects())
                .containsExactly(new VisionEffect.Send(A, ONE, List.of(0, 1), 1));
    }

    @Test
    void allPlacesOfAJobAreTakenOrNone() {
        var plan = plan(2).submit(ONE, M, 3).submit(TWO, M, 2);
        var flushed = plan.flush(ALIKE);
        assertThat(flushed.effects()).extracting(effect -> ((VisionEffect.Send) effect).job()).containsOnly(ONE);
        assertThat(flushed.plan().jobs().get(TWO)).matches(VisionJob::isWaiting);
        assertThat(flushed.plan().encoded(A, encoded(1)).plan().flush(ALIKE).effects()).containsExactly(
                new VisionEffect.Send(A, TWO, List.of(0), 4), new VisionEffect.Send(B, TWO, List.of(1), 5));
    }

    @Test
    void whatANodeHeldIsNotReleasedAfterItWasLost() {
        var held = plan(4).submit(ONE, M, 2).flush(ALIKE).plan().encoded(A, encoded(1)).plan();
        var lost = held.lost(A).plan().encoded(B, encoded(2)).plan();
        assertThat(lost.flush(ALIKE).effects()).isEmpty();
        assertThat(lost.end(ONE).effects()).containsExactly(new VisionEffect.ReleaseItem(B, 2));
        assertThat(lost.lost(B).plan().jobs()).isEmpty();
    }

    @Test
    void aPictureGoesToNoNodeWhoseBitsDifferFromThoseOfTheOthers() {
        var sent = plan(4).submit(ONE, M, 2).flush(ALIKE).plan().encoded(B, encoded(2)).plan();
        var other = sent.nodes(Map.of(A, SERVES_M, C, new VisionNeed.Offer("m", "other")));
        assertThat(other.lost(A).effects()).containsExactly(new VisionEffect.ReleaseItem(B, 2),
                new VisionEffect.NoNode(ONE));
    }

    private static Encoded encoded(long item) {
        return Encoded.newBuilder().setItem(item).build();
    }
}
