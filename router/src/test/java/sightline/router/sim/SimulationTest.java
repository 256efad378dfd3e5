package sightline.router.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sightline.router.session.Sabotage;

/**
 * Thousands of lives of a cluster in seconds, each drawn from a seed, none of which may break a promise.
 *
 * <p>{@code -Dsim.seeds=N} runs more of them, {@code -Dsim.seed=X} one, with its trace.
 */
class SimulationTest {
    private static final long SEEDS = Long.getLong("sim.seeds", 1_000);
    /** Seeds within which each sabotage has to be noticed. */
    private static final long CONTROL_SEEDS = 200;

    @Test
    void noSeedBreaksAPromise() {
        var one = Optional.ofNullable(Long.getLong("sim.seed"));
        var totals = new Totals();
        one.map(LongStream::of).orElseGet(() -> LongStream.range(0, SEEDS)).forEach(seed -> {
            var outcome = Simulation.run(seed, Sabotage.NONE, one.isPresent());
            if (outcome.violation().isPresent())
                throw reproduced(outcome);
            if (one.isPresent())
                System.out.println(outcome.trace());
            totals.add(outcome.totals());
        });
        System.out.println("simulated: " + totals);
        if (one.isEmpty()) {
            assertThat(totals.faults()).isGreaterThan(3 * SEEDS);
            assertThat(totals.of(Totals.Of.FAILOVERS)).isGreaterThan(SEEDS);
            assertThat(totals.of(Totals.Of.RESUMES)).isGreaterThan(SEEDS / 10);
            assertThat(totals.of(Totals.Of.FENCED_TOKENS)).isGreaterThan(SEEDS / 20);
            assertThat(totals.of(Totals.Of.ANSWERED)).isGreaterThan(3 * SEEDS);
            assertThat(totals.of(Totals.Of.RELAYS)).isPositive();
            assertThat(totals.of(Totals.Of.LATE_TICKETS)).isGreaterThan(SEEDS / 4);
            assertThat(totals.of(Totals.Of.EARLY_TILES)).isGreaterThan(SEEDS / 4);
        }
    }

    private static AssertionError reproduced(Simulation.Outcome failed) {
        var again = Simulation.run(failed.seed(), Sabotage.NONE, true);
        var violation = failed.violation().orElseThrow();
        return new AssertionError(again.trace() + "\nseed " + failed.seed() + " (-Dsim.seed=" + failed.seed() + "): "
                + violation.getMessage() + "\nonce more: "
                + again.violation().map(AssertionError::getMessage).orElse("not reproduced"), violation);
    }

    @Test
    void aSeedIsTheSameEveryTime() {
        for (long seed = 0; seed < 5; seed++)
            assertThat(Simulation.run(seed, Sabotage.NONE, true).trace())
                    .isEqualTo(Simulation.run(seed, Sabotage.NONE, true).trace());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void sabotageIsNoticed(Sabotage sabotage) {
        var noticed = LongStream.range(0, CONTROL_SEEDS)
                .mapToObj(seed -> Simulation.run(seed, sabotage, false))
                .filter(outcome -> outcome.violation().isPresent())
                .findFirst();
        assertThat(noticed).isPresent();
        System.out.println(sabotage + " noticed by seed " + noticed.get().seed() + ": "
                + noticed.get().violation().orElseThrow().getMessage());
    }
}
