package sightline.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.Level;
import sightline.wire.Endpoint;

final class SettingsTest {
    @TempDir
    private Path temp = Path.of("");

    private Optional<Path> file(String text) throws IOException {
        return Optional.of(Files.writeString(temp.resolve("settings.conf"), text));
    }

    private static AbstractThrowableAssert<?, ?> assertUsageError(ThrowingCallable action) {
        return assertThatThrownBy(action).asInstanceOf(type(StartFailure.class))
                .satisfies(e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.THROWABLE);
    }

    @Test
    void referenceFileIsCompleteAndValid() throws StartFailure {
        var settings = Settings.read(Settings.load(Optional.empty(), Map.of()), NodeSettings::from);

        assertThat(settings.cluster().stableAfter()).isEqualTo(Duration.ofSeconds(7));
        assertThat(settings.cluster().acceptableHeartbeatPause()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.cluster().exitWhenRemoved()).isTrue();
        assertThat(settings.grpc().bind().host()).isEqualTo("127.0.0.1");
        assertThat(settings.logLevel()).isEqualTo(Level.INFO);
        assertThat(settings.faultHooks().enabled()).isFalse();
    }

    @Test
    void overrideWinsOverFileAndFileOverReference() throws Exception {
        var file = file("sightline { grpc.port = 7001, metrics.port = 9001, cluster.seeds = [\"a:1\"] }");

        var settings = Settings.read(
                Settings.load(file, Map.of("grpc.port", "7002", "cluster.seeds", "[\"b:2\", \"c:3\"]")),
                NodeSettings::from);

        assertThat(settings.grpc().bind().port()).isEqualTo(7002);
        assertThat(settings.metrics().bind().port()).isEqualTo(9001);
        assertThat(settings.cluster().seeds()).containsExactly(new Endpoint("b", 2), new Endpoint("c", 3));
    }

    @Test
    void overrideIsTextWhateverItHolds() throws StartFailure {
        var odd = "C:\\models\\{x} # \"y\" ${HOME}";

        assertThat(Settings.load(Optional.empty(), Map.of("model.dir", odd)).getString("model.dir")).isEqualTo(odd);
    }

    @Test
    void unknownKeyOfAFileIsToldWithItsPlaceAndTheNearestOne() throws IOException {
        var file = file("sightline {\n  grpc {\n    prot = 7001\n  }\n}");

        assertUsageError(() -> Settings.load(file, Map.of())).hasMessageContaining("unknown setting grpc.prot")
                .hasMessageContaining("settings.conf: 3")
                .hasMessageContaining("grpc.port");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"router.port|abc|a whole number", "router.port|1.5|a whole number",
        "router.gather|soon|a duration, such as 500ms or 5s", "fault-hooks.enabled|maybe|true or false",
        "router.max-session-bytes|lots|a size, such as 512 MiB"})
    void aValueOfAnotherKindIsToldWithWhatWasExpected(String key, String value, String expected) throws IOException {
        var message = key + ": " + value + " (expected: " + expected + ")";
        assertUsageError(() -> Settings.load(Optional.empty(), Map.of(key, value))).hasMessage(message);
        var file = file("sightline { " + key + " = " + value + " }");
        assertUsageError(() -> Settings.load(file, Map.of())).hasMessage(message);
    }

    @Test
    void unknownOverrideIsTold() {
        assertUsageError(() -> Settings.load(Optional.empty(), Map.of("node.nmae", "x")))
                .hasMessageContaining("unknown setting node.nmae in command line")
                .hasMessageContaining("node.name");
    }

    @Test
    void settingsOutsideTheRootAreRefused() throws IOException {
        var file = file("pekko.loglevel = DEBUG");

        assertUsageError(() -> Settings.load(file, Map.of())).hasMessageContaining("unknown key pekko");
    }

    @Test
    void fileThatIsNotThereOrNotHoconIsRefused() throws IOException {
        assertUsageError(() -> Settings.load(Optional.of(temp.resolve("none.conf")), Map.of()))
                .hasMessageContaining("cannot be read");
        var broken = file("sightline { grpc { ");
        assertUsageError(() -> Settings.load(broken, Map.of())).hasMessageContaining("settings.conf");
    }

    @ParameterizedTest
    @CsvSource({"grpc.port,70000,port: 70000 (expected: 0..65535)",
        "grpc.port,many,grpc.port: many (expected: a whole number)",
        "cluster.stable-after,soon,stable-after", "cluster.seeds,[a],endpoint: a (expected: host:port)",
        "node.log-level,loud,node.log-level: loud", "grpc.host,'',host", "grpc.host,0.0.0.0,expected: advertised-host",
        "metrics.advertised-port,70000,advertised-port: 70000 (expected: 0..65535)",
        "fault-hooks.delay-step-millis,5,fault-hooks.enabled = true",
        "fault-hooks.delay-encode-millis,-5,delay-encode-millis: -5 (expected: >= 0)",
        "fault-hooks.throw-on-image-sha256,[abc],64 lower-case"})
    void wrongValueIsToldInWords(String key, String value, String told) {
        assertUsageError(() -> Settings.read(Settings.load(Optional.empty(), Map.of(key, value)), NodeSettings::from))
                .hasMessageContaining(told);
    }

    @Test
    void faultHooksWorkOnceSwitchedOn() throws StartFailure {
        var settings = Settings.read(Settings.load(Optional.empty(),
                Map.of("fault-hooks.enabled", "true", "fault-hooks.delay-step-millis", "5")), NodeSettings::from);

        assertThat(settings.faultHooks().delayStep()).isEqualTo(Duration.ofMillis(5));
    }
}
