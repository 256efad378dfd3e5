package sightline.router.text;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerFileTest {
    private static final String MODEL = "'model': {'type': 'BPE', 'vocab': {'a': 0}}}";

    @ParameterizedTest
    @ValueSource(strings = {"{'normalizer': {'type': 'Prepend', 'prepend': '_'}, ",
        "{'normalizer': {'type': 'Sequence', 'normalizers': [{'type': 'Prepend', 'prepend': '_'}]}, ",
        "{'pre_tokenizer': {'type': 'Metaspace', 'prepend_scheme': 'first'}, ",
        "{'pre_tokenizer': {'type': 'Sequence', 'pretokenizers': [{'type': 'Metaspace'}]}, "})
    void aSpaceBeforeATextIsNotServedYet(String steps) {
        assertThatThrownBy(() -> parse(steps + MODEL)).isInstanceOf(UnusableTokenizer.class)
                .hasMessageContaining("space before a text");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{'normalizer': null, 'pre_tokenizer': null, ",
        "{'pre_tokenizer': {'type': 'Metaspace', 'prepend_scheme': 'never'}, ",
        "{'normalizer': {'type': 'Replace', 'pattern': {'String': ' '}, 'content': '_'}, "})
    void othersAre(String steps) {
        assertThatCode(() -> parse(steps + MODEL)).doesNotThrowAnyException();
    }

    private static TokenizerFile parse(String json) throws UnusableTokenizer {
        return TokenizerFile.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }
}
