package sightline.language.sample;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PhiloxTest {
    // https://github.com/DEShawResearch/random123/blob/v1.14.0/tests/kat_vectors (philox4x32 10)
    @Test
    void knownAnswers() {
        assertThat(Philox.block(new int[]{0, 0, 0, 0}, 0, 0))
                .containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
        assertThat(Philox.block(new int[]{-1, -1, -1, -1}, -1, -1))
                .containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
        assertThat(Philox.block(new int[]{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0))
                .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }

    @Test
    void uniformIsBelowOneAndTakesTheWholeSeed() {
        for (int position = 0; position < 10_000; position++) {
            assertThat(Philox.uniform(7, 0, position, 0)).isBetween(0.0, Math.nextDown(1.0));
        }
        assertThat(Philox.uniform(1L << 40, 0, 0, 0)).isNotEqualTo(Philox.uniform(0, 0, 0, 0));
        assertThat(Philox.uniform(7, 1, 0, 0)).isNotEqualTo(Philox.uniform(7, 0, 0, 0));
    }
}
