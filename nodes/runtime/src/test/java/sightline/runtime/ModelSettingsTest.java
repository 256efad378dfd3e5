package sightline.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModelSettingsTest {
    private static final List<String> REASONS = List.of("rows depend on neighbours");

    @Test
    void aFailedSelfTestEndsTheStartOnlyWhereItHasToHold() throws StartFailure {
        assertThatThrownBy(() -> settings("required").judge(Optional.empty(), REASONS))
                .isInstanceOfSatisfying(StartFailure.class,
                        failure -> assertThat(failure.exitCode())
                                .isEqualTo(ExitCode.NOT_STRICT))
                .hasMessageContaining("rows depend on neighbours");
        assertThatCode(() -> settings("auto").judge(Optional.empty(), REASONS)).doesNotThrowAnyException();
        assertThatCode(() -> settings("required").judge(Optional.of("print"), REASONS)).doesNotThrowAnyException();
    }

    private static ModelSettings settings(String strict) throws StartFailure {
        return Settings.read(
                Settings.load(Optional.empty(), Map.of("model.dir", "/models/a", "model.strict", strict)),
                ModelSettings::from);
    }
}
