package sightline.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import sightline.router.RequestMemory.Share;
import sightline.router.session.SessionLimits;
import sightline.wire.Failure;

/** Room for a hundred bytes that are not parsed yet, among calls whose messages arrive, arrive no more, or are whole. */
class RequestMemoryTest {
    private final AtomicLong held = new AtomicLong();
    private final List<String> refused = new ArrayList<>();
    private final RequestMemory memory = new RequestMemory(new SessionLimits(1, 200, Duration.ofSeconds(3)),
            Duration.ofSeconds(60), held::set);

    @Test
    void aMessageThatBringsTooMuchIsRefusedAndHoldsNothing() {
        var first = begin("first", 0);
        first.arrived(60, at(0.1));
        var second = begin("second", 0);
        second.arrived(40, at(0.2));
        assertThat(held).hasValue(200);
        second.arrived(1, at(0.3));
        assertThat(refused).containsExactly("second OVERLOADED");
        assertThat(second.isOver()).isTrue();
        assertThat(held).hasValue(120);
        second.arrived(50, at(0.4));
        assertThat(held).as("what it still brings is dropped").hasValue(120);
    }

    @Test
    void messagesThatHaveStoppedArrivingGoFirstTheLongestSilentOneBeforeTheOthers() {
        var recent = begin("recent", 0);
        begin("longest", 0).arrived(30, at(1));
        recent.arrived(30, at(2));
        begin("begun", 0);
        var next = begin("next", 3);
        next.arrived(50, at(3.5));
        assertThat(refused).containsExactly("longest OVERLOADED");
        assertThat(held).hasValue(160);
        next.arrived(50, at(3.6));
        assertThat(refused).containsExactly("longest OVERLOADED", "recent OVERLOADED");
        assertThat(held).hasValue(200);
    }

    @Test
    void aSlowMessageThatGoesOnArrivingIsNotInTheWay() {
        var slow = begin("slow", 0);
        for (int second = 1; second <= 10; second++)
            slow.arrived(8, at(second * 0.9));
        begin("next", 9).arrived(30, at(9.5));
        assertThat(refused).containsExactly("next OVERLOADED");
    }

    @Test
    void aWholeMessageStaysUntilItsCallIsOver() {
        var whole = begin("whole", 0);
        whole.arrived(90, at(0.1));
        whole.whole();
        begin("next", 100).arrived(20, at(100));
        memory.endOverdue(at(1000));
        assertThat(refused).containsExactly("next OVERLOADED");
        whole.close();
        assertThat(held).hasValue(0);
        whole.close();
        assertThat(held).hasValue(0);
    }

    @Test
    void aMessageThatIsNotWholeInTimeIsRefusedWhateverItBrings() {
        var dripping = begin("dripping", 0);
        begin("silent", 1);
        for (int second = 1; second < 60; second++) {
            dripping.arrived(1, at(second));
            memory.endOverdue(at(second));
        }
        assertThat(refused).isEmpty();
        memory.endOverdue(at(60));
        assertThat(refused).containsExactly("dripping DEADLINE");
        memory.endOverdue(at(61));
        assertThat(refused).containsExactly("dripping DEADLINE", "silent DEADLINE");
        assertThat(held).hasValue(0);
    }

    @Test
    void aFurtherMessageOfACallIsTimedFromItsOwnBeginning() {
        var call = begin("call", 0);
        call.arrived(1, at(1));
        call.whole();
        call.expectMessage(at(500));
        memory.endOverdue(at(559));
        assertThat(refused).isEmpty();
        memory.endOverdue(at(560));
        assertThat(refused).containsExactly("call DEADLINE");
    }

    @Test
    void whatAMessageUnpacksToCountsInsteadOfWhatCame() {
        var packed = begin("packed", 0);
        packed.arrived(10, at(0));
        packed.whole();
        assertThat(packed.holdAtLeast(150, at(0))).isEmpty();
        assertThat(held).hasValue(150);
        packed.parsed(150);
        assertThat(held).hasValue(150);
        assertThat(packed.holdAtLeast(201, at(0))).get().isInstanceOf(Failure.Overloaded.class);
        assertThat(refused).as("it was told by what it asked").isEmpty();
        assertThat(held).hasValue(0);
    }

    @Test
    void aParsedMessageTakesItsOwnSize() {
        var call = begin("call", 0);
        call.arrived(60, at(0));
        call.whole();
        assertThat(call.holdAtLeast(60, at(0))).isEmpty();
        assertThat(held).hasValue(120);
        call.parsed(60);
        assertThat(held).hasValue(60);
    }

    private Share begin(String name, double second) {
        var share = memory.share();
        share.begin(at(second), failure -> refused.add(name + " " + failure.reason()));
        return share;
    }

    private static long at(double second) {
        return (long) (second * TimeUnit.SECONDS.toNanos(1));
    }
}
