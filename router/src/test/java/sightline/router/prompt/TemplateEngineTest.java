package sightline.router.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.router.prompt.TemplateEngine.Rendering;

/** Expected texts are those of transformers 4.57.6. */
class TemplateEngineTest {
    private static final Map<String, Object> VARIABLES = Map.of("bos_token", "<s>", "messages",
            List.of(message("user", "\u00a0hi \"you\" \u0001\n"), message("assistant", "yo")));

    static Stream<Arguments> templates() {
        return Stream.of(Arguments.of("block lines leave nothing behind, text before a block keeps its space",
                "a: {% if true %}\n  b\n  {% endif %}\nc\n\n", "a:   b\nc\n"),
                Arguments.of("white space goes where a minus says so",
                        "a\n  {%- if true -%}\n x \n{%- endif %}\n{{- 'y' -}}\n z", "axyz"),
                Arguments.of("python's white space is trimmed, and no more",
                        "[{{ messages[0].content | trim }}][{{ messages[0]['content'].strip() }}]",
                        "[hi \"you\" \u0001][hi \"you\" \u0001]"),
                Arguments.of("python's string methods", "{{ 'aB'.upper() + 'aB'.lower() }}{{ 'a,b'.split(',')[1] }}"
                        + "{{ 'ab'.startswith('a') and 'ab'.endswith('b') }}{{ 'ab'.replace('a', 'c') }}",
                        "ABabbtruecb"),
                Arguments.of("json as python writes it", "{{ messages | tojson }}",
                        "[{\"role\": \"user\", \"content\": \"\u00a0hi \\\"you\\\" \\u0001\\n\"}, "
                                + "{\"role\": \"assistant\", \"content\": \"yo\"}]"),
                Arguments.of("the training tag shows its content",
                        "{% for m in messages %}{% generation %}{{ m.role }} {% endgeneration %}{% endfor %}",
                        "user assistant "),
                Arguments.of("what is missing is nothing", "[{{ messages[0].name }}{{ tools }}]", "[]"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("templates")
    void rendersAsTheReference(String what, String template, String expected) {
        assertThat(render(template)).as(what).isEqualTo(new Rendering.Rendered(expected));
    }

    @Test
    void whatAUserWroteIsNoTemplate() {
        var result = new TemplateEngine().render("{{ text }}", Map.of("text", "{{ 7 * 7 }}{% if x %}{# c #}"));
        assertThat(result).isEqualTo(new Rendering.Rendered("{{ 7 * 7 }}{% if x %}{# c #}"));
    }

    @Test
    void aRaisedExceptionIsARefusalInTheTemplatesWords() {
        assertThat(render("{{ raise_exception('no ' + messages[0].role) }}{{ raise_exception('second') }}"))
                .isEqualTo(new Rendering.Refused("no user"));
    }

    @Test
    void reachesNoFiles() {
        assertThat(render("{% include 'reference.conf' %}")).isInstanceOf(Rendering.Broken.class);
    }

    @Test
    void endsATemplateThatWritesWithoutEnd() {
        assertThat(render(
                "{% for a in range(1000) %}{% for b in range(1000) %}{{ 'twelve bytes' }}{% endfor %}{% endfor %}"))
                .isInstanceOf(Rendering.Broken.class);
    }

    private static Map<String, String> message(String role, String content) {
        var message = new LinkedHashMap<String, String>();
        message.put("role", role);
        message.put("content", content);
        return message;
    }

    private static Rendering render(String template) {
        return new TemplateEngine().render(template, VARIABLES);
    }
}
