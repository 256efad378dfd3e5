package sightline.model;

import java.util.Optional;

/** Finds the chat template of a model among its small files. */
public final class ChatTemplates {
    private ChatTemplates() {}

    /**
     * The template's text: the processor's, in the order in which ProcessorMixin of transformers 4.57.6 looks for it,
     * else the tokenizer's. Of several named ones the one called {@code default} is taken.
     */
    public static Optional<String> find(SmallFiles files) throws ModelProblem {
        var problems = new Problems();
        var template = JsonSection.file(files, "chat_template.json", problems)
                .flatMap(ChatTemplates::inSection)
                .or(() -> files.text("chat_template.jinja"))
                .or(() -> JsonSection.file(files, "processor_config.json", problems).flatMap(ChatTemplates::inSection))
                .or(() -> JsonSection.file(files, "tokenizer_config.json", problems).flatMap(ChatTemplates::inSection));
        problems.throwIfAny();
        return template;
    }

    private static Optional<String> inSection(JsonSection json) {
        var named = json.sections("chat_template");
        if (named.isEmpty())
            return json.text("chat_template");
        return named.stream()
                .filter(t -> t.text("name").filter("default"::equals).isPresent())
                .findFirst()
                .flatMap(t -> t.text("template"));
    }
}
