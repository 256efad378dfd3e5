package sightline.router.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PulseTest {
    private static final Duration SILENT = Duration.ofNanos(100);

    @Test
    void aBeatCountsFromWhenItCame() {
        var pulse = Pulse.starting(0).beat(1, 60);
        assertThat(pulse.isSilent(159, SILENT)).isFalse();
        assertThat(pulse.isSilent(160, SILENT)).isTrue();
        assertThat(pulse.isStalled(160, SILENT)).isTrue();
    }

    @Test
    void aBeatThatIsTakenLateTakesNothingBack() {
        var pulse = Pulse.starting(0).progress(80).beat(1, 60);
        assertThat(pulse.isSilent(179, SILENT)).isFalse();
        assertThat(pulse.isSilent(180, SILENT)).isTrue();
    }

    @Test
    void aBeatWithoutAStepIsNoProgress() {
        var pulse = Pulse.starting(0).beat(1, 10).beat(1, 90);
        assertThat(pulse.isSilent(150, SILENT)).isFalse();
        assertThat(pulse.isStalled(150, SILENT)).isTrue();
    }

    @Test
    void silenceIsNoticedHoweverSeldomThisSideLooks() {
        var rules = rules(Duration.ofSeconds(50), Duration.ofSeconds(5));
        long every = rules.settledTick().toNanos();
        var pulse = Pulse.starting(0);
        for (int look = 1; look < 10; look++) {
            pulse = pulse.tick(look * every, rules.settledTick());
            assertThat(pulse.isSilent(look * every, rules.silentAfter())).isFalse();
        }
        assertThat(pulse.tick(10 * every, rules.settledTick()).isSilent(10 * every, rules.silentAfter())).isTrue();
    }

    @Test
    void aBeatHeardAfterANapHidesNoSilence() {
        long nap = Duration.ofSeconds(15).toNanos();
        var pulse = Pulse.starting(0).beat(1, nap - 10).tick(nap, Duration.ofMillis(250));
        assertThat(pulse.isSilent(nap + 99, SILENT)).isFalse();
        assertThat(pulse.isSilent(nap + 100, SILENT)).isTrue();
        assertThat(pulse.isStalled(nap + 100, SILENT)).isTrue();
    }

    @Test
    void aLookThatComesALittleEarlyBeatsToo() {
        var interval = Duration.ofNanos(100);
        assertThat(Pulse.starting(0).isToBeat(95, interval)).isTrue();
        assertThat(Pulse.starting(0).isToBeat(50, interval)).isFalse();
    }

    @Test
    void aSettledSessionLooksOftenEnoughToBeatAndToNoticeSilence() {
        assertThat(rules(Duration.ofSeconds(2), Duration.ofMillis(500)).settledTick())
                .isEqualTo(Duration.ofMillis(250));
        assertThat(rules(Duration.ofSeconds(50), Duration.ofSeconds(5)).settledTick()).isEqualTo(Duration.ofSeconds(5));
    }

    private static SessionRules rules(Duration silentAfter, Duration beatInterval) {
        var any = Duration.ofSeconds(1);
        return new SessionRules(any, 1, any, silentAfter, any, beatInterval);
    }
}
