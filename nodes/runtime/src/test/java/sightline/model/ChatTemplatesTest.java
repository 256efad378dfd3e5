package sightline.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ChatTemplatesTest {
    private static Optional<String> find(String... namesAndTexts) throws ModelProblem {
        var files = new HashMap<String, byte[]>();
        for (int i = 0; i < namesAndTexts.length; i += 2)
            files.put(namesAndTexts[i], namesAndTexts[i + 1].replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        return ChatTemplates.find(SmallFiles.of(files));
    }

    @Test
    void templateIsFoundWhereverItStands() throws ModelProblem {
        assertThat(find("tokenizer_config.json", "{'chat_template': 'T'}")).contains("T");
        assertThat(find("chat_template.jinja", "T")).contains("T");
        assertThat(find("chat_template.json", "{'chat_template': 'T'}")).contains("T");
        assertThat(find("processor_config.json", "{'chat_template': 'T'}")).contains("T");
    }

    @Test
    void ofSeveralTheDefaultOneIsTaken() throws ModelProblem {
        assertThat(find("tokenizer_config.json", "{'chat_template': [{'name': 'tool_use', 'template': 'A'}, "
                + "{'name': 'default', 'template': 'B'}]}")).contains("B");
    }

    @Test
    void processorsTemplateWinsOverTheTokenizers() throws ModelProblem {
        assertThat(find("tokenizer_config.json", "{'chat_template': 'A'}", "chat_template.jinja", "B")).contains("B");
        assertThat(find("chat_template.json", "{'chat_template': 'C'}", "chat_template.jinja", "B")).contains("C");
    }

    @Test
    void modelWithoutTemplateHasNone() throws ModelProblem {
        assertThat(find("tokenizer_config.json", "{'add_bos_token': true}")).isEmpty();
        assertThat(find()).isEmpty();
    }

    @Test
    void templateThatIsNoTextIsRefused() {
        assertThatThrownBy(() -> find("tokenizer_config.json", "{'chat_template': 5}")).isInstanceOf(ModelProblem.class)
                .hasMessageContaining("chat_template: 5 (expected: a text)");
    }
}
