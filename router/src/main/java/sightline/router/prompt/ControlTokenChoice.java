package sightline.router.prompt;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import sightline.router.text.AddedToken;
import sightline.router.text.TokenizerFile;

/**
 * Which tokens of a model steer it: special ones, those with a role of their own, those that its chat template names,
 * and the image token.
 *
 * <p>Other added tokens, such as Gemma's for runs of spaces and HTML tags, are a matter of spelling: they are found in
 * users' texts as Hugging Face finds them.
 */
final class ControlTokenChoice {
    private ControlTokenChoice() {}

    /** Ids by content; the image token has the id of the model's config, whatever the tokenizer knows of it. */
    static Map<String, Integer> of(TokenizerFile file, TokenizerConfig config, int imageTokenId) {
        var chosen = new HashMap<String, Integer>();
        for (var token : file.addedTokens())
            if (token.content().length() > 1 && steers(token, config))
                chosen.put(token.content(), token.id());
        chosen.put(ChatTemplate.IMAGE_MARK, imageTokenId);
        return chosen;
    }

    private static boolean steers(AddedToken token, TokenizerConfig config) {
        Collection<String> named = config.specialTokens().values();
        return token.special() || named.contains(token.content())
                || (!token.content().isBlank() && config.chatTemplate().orElse("").contains(token.content()));
    }
}
