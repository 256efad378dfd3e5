package sightline.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.wire.Failure;
import sightline.wire.Received;
import sightline.wire.StatusMapping;

class RetryRuleTest {
    private static final RetryRule RULE = RetryRule.STANDARD;
    private static final Received LOST = new Received("UNAVAILABLE", Optional.empty(), "io exception", List.of(),
            Optional.empty());

    @Test
    void aLostRouterIsPassedOverAtOnceAndEachRoundWaitsLonger() {
        var random = new Random(1);
        for (int failures = 1; failures <= 30; failures++) {
            var wait = RULE.waitAfter(LOST, new Trouble(failures, failures, 0), true, 3, 0, random).orElseThrow();
            long full = Math.min(100L << Math.min(failures / 3 - 1, 20), 2_000);
            if (failures % 3 != 0)
                assertThat(wait).isZero();
            else
                assertThat(wait).isBetween(Duration.ofMillis(full / 2), Duration.ofMillis(full));
        }
    }

    @Test
    void clientsDoNotComeBackTogether() {
        var random = new Random(1);
        var waits = IntStream.range(0, 50).mapToObj(_ -> after(overloaded(1_000), 1, random)).distinct();
        assertThat(waits).hasSizeGreaterThan(40)
                .allSatisfy(wait -> assertThat(wait).isBetween(Duration.ofMillis(1_000), Duration.ofMillis(1_250)));
    }

    @Test
    void anAnswerThatHasNotBegunIsTriedTwiceEverywhere() {
        for (int lost = 1; lost < 4; lost++)
            assertThat(RULE.waitAfter(LOST, new Trouble(lost, lost, 0), false, 2, 0, new Random(1))).isPresent();
        assertThat(RULE.waitAfter(LOST, new Trouble(4, 4, 0), false, 2, 0, new Random(1))).isEmpty();
        assertThat(RULE.waitAfter(LOST, new Trouble(4, 3, 0), false, 2, 0, new Random(1))).isPresent();
    }

    @Test
    void whoSendsOnceTriesNothingAgain() {
        for (boolean hasBegun : new boolean[]{false, true})
            for (var failure : List.of(LOST, overloaded(1), overloaded(1_000)))
                assertThat(RetryRule.NEVER.waitAfter(failure, new Trouble(1, 1, 7), hasBegun, 2, 7, new Random(1)))
                        .isEmpty();
    }

    @Test
    void patienceEnds() {
        long almost = Duration.ofSeconds(29).toNanos();
        assertThat(RULE.waitAfter(overloaded(500), new Trouble(9, 0, 7), true, 1, 7 + almost, new Random(1)))
                .isEmpty(); // the ninth back-off would end too late
        assertThat(RULE.waitAfter(overloaded(500), new Trouble(9, 0, 7), true, 2, 7 + almost, new Random(1)))
                .isPresent();
        assertThat(RULE.waitAfter(overloaded(Long.MAX_VALUE), new Trouble(1, 0, 7), true, 2, 7, new Random(1)))
                .isEmpty();
    }

    @Test
    void onlyWhatMayPassIsTriedAgain() {
        var passing = List.of(new Failure.Overloaded("", Duration.ofMillis(5)), new Failure.Draining(""),
                new Failure.NoReplica(""), new Failure.NoEqualReplica(""));
        var last = List.of(new Failure.BadField("n", ""), new Failure.BadImage(""), new Failure.PromptTooLong(""),
                new Failure.BadMessage(""), new Failure.Quota(""), new Failure.SlowClient(""), new Failure.Deadline(""),
                new Failure.UnknownModel(""), new Failure.Diverged(""), new Failure.Poison(""), new Failure.Bug(""));
        for (boolean hasBegun : new boolean[]{true, false}) {
            assertThat(passing).allMatch(failure -> isTriedAgain(read(failure), 1, hasBegun));
            assertThat(last).noneMatch(failure -> isTriedAgain(read(failure), 2, hasBegun));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"RESOURCE_EXHAUSTED", "INTERNAL", "UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED"})
    void whatGrpcItselfSaysIsFinalUnlessTheConnectionIsLost(String status) {
        assertThat(isTriedAgain(new Received(status, Optional.empty(), "", List.of(), Optional.empty()), 1, true))
                .isFalse();
    }

    /** A router may take a while to miss the connection over which it was asked before. */
    @Test
    void aDuplicateIsOursOnceTheRequestWasSentBefore() {
        var duplicate = read(new Failure.DuplicateRequest("r-1"));
        assertThat(isTriedAgain(duplicate, 1, false)).isFalse();
        assertThat(isTriedAgain(duplicate, 2, false)).isTrue();
        assertThat(isTriedAgain(duplicate, 1, true)).isTrue();
    }

    private static boolean isTriedAgain(Received failure, int failures, boolean hasBegun) {
        return RULE.waitAfter(failure, new Trouble(failures, 0, 0), hasBegun, 1, 0, new Random(1)).isPresent();
    }

    private static Duration after(Received failure, int failures, Random random) {
        return RULE.waitAfter(failure, new Trouble(failures, 0, 0), false, 2, 0, random).orElseThrow();
    }

    private static Received overloaded(long millis) {
        return new Received("UNAVAILABLE", Optional.of("OVERLOADED"), "full", List.of(),
                Optional.of(Duration.ofMillis(millis)));
    }

    private static Received read(Failure failure) {
        return StatusMapping.read(StatusMapping.toStatus(failure)).orElseThrow();
    }
}
