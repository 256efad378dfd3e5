package sightline.deploy.synth;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.Map;

/**
 * The form of a family's tokenizer, filled with the demo model's words: nobody else's vocabulary is in it.
 *
 * @param tokenizer a small tokenizer.json, with {@code <image>} among its entries
 * @param config the tokenizer_config.json beside it
 * @param generation the generation_config.json that names its end tokens
 */
record TokenizerForm(JsonObject tokenizer, JsonObject config, JsonObject generation) {

    private static final String TURNS = """
            {% for message in messages %}{{ message['role'].upper() + ': ' + message['content'] | trim }}\
            {% if message['role'] == 'assistant' %}{{ eos_token }}{% else %}{{ ' ' }}{% endif %}{% endfor %}\
            {% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}""";

    /** As the demo model has it, whose files these are; Gemma's tokenizers are of its form. */
    static TokenizerForm gemma(JsonObject tokenizer, JsonObject config, JsonObject generation) {
        return new TokenizerForm(tokenizer, config, generation);
    }

    /**
     * Llama's: a space before every stretch of text, which the decoder takes away again, and {@code <s>} in front.
     *
     * @param demo the demo model's tokenizer.json; left as it is
     */
    static TokenizerForm llama(JsonObject demo) {
        JsonObject tokenizer = demo.deepCopy();
        rename(tokenizer, Map.of("<pad>", "<unk>", "<eos>", "<s>", "<bos>", "</s>", "<unk>", "<pad>"));
        tokenizer.add("normalizer", json("""
                {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "\u2581"},
                 {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]}"""));
        tokenizer.add("pre_tokenizer", null);
        tokenizer.getAsJsonObject("decoder").getAsJsonArray("decoders").add(json("""
                {"type": "Strip", "content": " ", "start": 1, "stop": 0}"""));
        tokenizer.add("post_processor", json("""
                {"type": "TemplateProcessing",
                 "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                 "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                 "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}"""));
        return new TokenizerForm(tokenizer,
                config("""
                        {"tokenizer_class": "LlamaTokenizerFast", "add_bos_token": true, "add_eos_token": false, "legacy": false,
                         "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}"""),
                json("""
                        {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 3}"""));
    }

    /**
     * GPT-2's, which Phi-2 has: letters for bytes, and nothing in front.
     *
     * @param demo the demo model's tokenizer.json; left as it is
     */
    static TokenizerForm phi(JsonObject demo) {
        JsonObject tokenizer = json(
                """
                        {"version": "1.0", "truncation": null, "padding": null, "normalizer": null,
                         "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
                         "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true},
                         "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}}""");
        JsonArray added = new JsonArray();
        added.add(addedToken("<|endoftext|>", 0, true));
        added.add(addedToken("<image>", 1, true));
        tokenizer.add("added_tokens", added);
        tokenizer.add("model", ByteLevelModel.of(demo.getAsJsonObject("model"), "<|endoftext|>", "<image>"));
        return new TokenizerForm(tokenizer, config("""
                {"tokenizer_class": "CodeGenTokenizerFast", "add_prefix_space": false, "bos_token": "<|endoftext|>",
                 "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}"""), json("""
                {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0}"""));
    }

    static JsonObject addedToken(String content, int id, boolean special) {
        JsonObject token = new JsonObject();
        token.addProperty("id", id);
        token.addProperty("content", content);
        for (String flag : new String[]{"single_word", "lstrip", "rstrip", "normalized"}) {
            token.addProperty(flag, false);
        }
        token.addProperty("special", special);
        return token;
    }

    private static void rename(JsonObject tokenizer, Map<String, String> names) {
        for (JsonElement token : tokenizer.getAsJsonArray("added_tokens")) {
            String content = token.getAsJsonObject().get("content").getAsString();
            token.getAsJsonObject().addProperty("content", names.getOrDefault(content, content));
        }
        JsonObject model = tokenizer.getAsJsonObject("model");
        JsonObject renamed = new JsonObject();
        model.getAsJsonObject("vocab")
                .asMap()
                .forEach((content, id) -> renamed.add(names.getOrDefault(content, content), id));
        model.add("vocab", renamed);
    }

    private static JsonObject config(String text) {
        JsonObject config = json(text);
        config.addProperty("clean_up_tokenization_spaces", false);
        config.addProperty("chat_template", TURNS);
        return config;
    }

    private static JsonObject json(String text) {
        return JsonParser.parseString(text).getAsJsonObject();
    }
}
