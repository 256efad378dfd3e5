package sightline.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sightline.deploy.Demo;
import sightline.stage.v1.Role;

/** Java goes on without a cache that does not fit, only more slowly; told not to, it refuses to start. */
@Timeout(120)
class StartCacheTest {
    private static final long STOP_LIMIT_SECONDS = 40;

    @ParameterizedTest
    @EnumSource(value = Role.class, names = {"ROLE_ROUTER", "ROLE_VISION", "ROLE_LANGUAGE"})
    void everyRoleStartsFromTheCacheThatALanguageNodeMade(Role role) throws Exception {
        var settings = role == Role.ROLE_ROUTER
                ? Map.of("router.port", "0")
                : Map.of("model.dir", Demo.CHECKPOINT.toString());
        var node = InstalledJars.node()
                .with("-XX:AOTMode=on")
                .command(role, settings)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var output = node.inputReader()) {
            assertThat(output.lines().anyMatch(line -> line.startsWith("ready "))).isTrue();
            node.toHandle().destroy();
            assertThat(node.waitFor(STOP_LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(node.exitValue()).isZero();
        } finally {
            node.destroyForcibly();
        }
    }
}
