package sightline.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LogValueTest {
    @Test
    void aPlainNameStaysAsItIs() {
        assertThat(LogValue.of("7f3c-a_b.C:9")).isEqualTo("7f3c-a_b.C:9");
    }

    @Test
    void anythingElseIsQuotedAndCannotEndItsQuotesOrItsLine() {
        assertThat(LogValue.of("")).isEqualTo("\"\"");
        assertThat(LogValue.of("a b")).isEqualTo("\"a b\"");
        assertThat(LogValue.of("x\" reason=OK")).isEqualTo("\"x\\\" reason=OK\"");
        assertThat(LogValue.of("x\n\u001b[31m\u202e\\")).isEqualTo("\"x\\u000a\\u001b[31m\\u202e\\\\\"");
        assertThat(LogValue.of("日本 🦙")).isEqualTo("\"日本 🦙\"");
    }
}
