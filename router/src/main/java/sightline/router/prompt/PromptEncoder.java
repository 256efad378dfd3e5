package sightline.router.prompt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import sightline.model.SmallFiles;
import sightline.router.prompt.ControlTokens.Segment;
import sightline.router.text.Ids;
import sightline.router.text.TokenizerFile;
import sightline.router.text.UnusableTokenizer;
import sightline.wire.Failure;

/**
 * Turns a client's input into the ids that Hugging Face's processor makes of it, with one begin token, and with image
 * rows where pictures stand.
 *
 * <p>Control tokens come from the template and from rendered prompts; in a conversation those typed by a user stay text.
 * May be used by several threads at once; whoever opens it closes it.
 */
public final class PromptEncoder implements AutoCloseable {
    private static final PromptInput SAMPLE = new PromptInput.Conversation(List.of(
            new Turn(Turn.Role.USER, List.of(new Turn.Part.Picture(), new Turn.Part.Text("What is it?")))));

    /*
     * Hugging Face tokenizers find added tokens first and encode each stretch between them by itself. So does this
     * class, with control tokens in the role of added tokens and a tokenizer that knows only the other ones: on
     * ordinary text both give the same ids.
     */
    private final StretchTokenizer stretches;
    private final ControlTokens controls;
    private final TemplateChoice template;
    private final Optional<Integer> begin;
    private final ImageToken image;
    private final int longestToken;

    /** What stands in for a picture: an id, in so many rows. */
    public record ImageToken(int id, int rows) {
        public ImageToken {
            if (id < 0 || rows < 1)
                throw new IllegalArgumentException(
                        "image token: id " + id + ", rows " + rows + " (expected: >= 0, >= 1)");
        }

        int[] expanded() {
            var ids = new int[rows];
            Arrays.fill(ids, id);
            return ids;
        }
    }

    private sealed interface TemplateChoice {
        record Usable(ChatTemplate template) implements TemplateChoice {}

        record None() implements TemplateChoice {}

        record Broken(String problem) implements TemplateChoice {}
    }

    private PromptEncoder(StretchTokenizer stretches, ControlTokens controls, TemplateChoice template,
            Optional<Integer> begin, ImageToken image, int longestToken) {
        this.stretches = stretches;
        this.controls = controls;
        this.template = template;
        this.begin = begin;
        this.image = image;
        this.longestToken = longestToken;
    }

    /**
     * Reads what the model's files say about prompts.
     *
     * @param files with {@code tokenizer.json} and, where the model has them, its config and template beside it
     */
    public static PromptEncoder open(SmallFiles files, TokenizerFile tokenizer, ImageToken image)
            throws UnusableTokenizer {
        var config = TokenizerConfig.parse(files);
        var controlIds = ControlTokenChoice.of(tokenizer, config, image.id());
        var controls = new ControlTokens(controlIds);
        var stretches = StretchTokenizer.open(tokenizer, token -> !controlIds.containsKey(token.content()),
                config.spaceBefore());
        try {
            return new PromptEncoder(stretches, controls, template(config), beginToken(stretches, tokenizer, config),
                    image,
                    tokenizer.longestToken());
        } catch (RuntimeException e) {
            stretches.close();
            throw e;
        }
    }

    public boolean hasChatTemplate() {
        return template instanceof TemplateChoice.Usable;
    }

    /** Why the model's chat template, if it has one, cannot write down a question about a picture. */
    public Optional<String> obstacle(int maxPositions) {
        return switch (template) {
            case TemplateChoice.None _ -> Optional.empty();
            case TemplateChoice.Broken(var problem) -> Optional.of(problem);
            case TemplateChoice.Usable _ -> {
                try {
                    encode(SAMPLE, 1, maxPositions);
                    yield Optional.empty();
                } catch (RequestRefused e) {
                    yield Optional.of("chat template: for a question about a picture: " + e.failure().message());
                }
            }
        };
    }

    /** Why conversations cannot be rendered, in words for the log. */
    public Optional<String> templateProblem() {
        return switch (template) {
            case TemplateChoice.Usable _ -> Optional.empty();
            case TemplateChoice.None _ -> Optional.of("the model has no chat template");
            case TemplateChoice.Broken(var problem) -> Optional.of(problem);
        };
    }

    /**
     * The prompt's ids and rows, or why there are none.
     *
     * @param pictures that came with the input
     * @param maxPositions beyond which no prompt can be served; much longer text is refused without being encoded
     */
    public EncodedPrompt encode(PromptInput input, int pictures, int maxPositions) throws RequestRefused {
        expectRoom(fewestPositions(input), maxPositions);
        var text = switch (input) {
            case PromptInput.Conversation conversation -> render(conversation);
            case PromptInput.Rendered rendered -> rendered.text();
        };
        expectRoom(fewestPositions(text), maxPositions);
        var segments = controls.split(text);
        long marks = segments.stream().filter(this::isPicture).count();
        if (marks != pictures)
            throw new RequestRefused(new Failure.BadImage(
                    pictures + " pictures for " + marks + " <image> marks (expected: one mark for each picture)"));
        return lengthChecked(encode(segments, input instanceof PromptInput.Conversation), maxPositions);
    }

    /** The ways in which a text can be encoded by itself, each when it is asked for: as one that begins, or goes on. */
    public Stream<int[]> encodings(String text) {
        return Stream.of(true, false).map(beginsText -> stretches.encode(text, beginsText));
    }

    @Override
    public void close() {
        stretches.close();
    }

    /** So that neither a long text nor a million empty messages are copied by a template first. */
    private int fewestPositions(PromptInput input) {
        return switch (input) {
            case PromptInput.Rendered(var text) -> fewestPositions(text);
            case PromptInput.Conversation(var turns) -> Math.max(turns.size(), turns.stream()
                    .flatMap(turn -> turn.parts().stream())
                    .mapToInt(part -> part instanceof Turn.Part.Text(var text)
                            ? fewestPositions(PythonText.strip(text)) // templates trim
                            : 0)
                    .sum());
        };
    }

    /** No token is longer than the longest one, and no normalizer of a served family makes text shorter. */
    private int fewestPositions(String text) {
        return text.length() / longestToken;
    }

    private static void expectRoom(int fewestPositions, int maxPositions) throws RequestRefused {
        if (fewestPositions > maxPositions)
            throw tooLong("at least " + fewestPositions, maxPositions);
    }

    private String render(PromptInput.Conversation conversation) throws RequestRefused {
        return switch (template) {
            case TemplateChoice.Usable(var usable) -> usable.render(conversation.turns(), controls);
            case TemplateChoice.None _,TemplateChoice.Broken _ ->
                    throw new RequestRefused(new Failure.BadField("conversation",
                            "messages for a model without a chat template (expected: prompt, already rendered)"));
        };
    }

    private EncodedPrompt encode(List<Segment> segments, boolean guarded) throws RequestRefused {
        var ids = Ids.empty();
        var pictures = new ArrayList<EncodedPrompt.Rows>();
        var all = withBegin(segments);
        int firstOfText = all.size() - segments.size();
        for (int i = 0; i < all.size(); i++) {
            var segment = all.get(i);
            boolean beginsText = i == firstOfText;
            var next = switch (segment) {
                case Segment.Plain(var text) ->
                        encode(guarded ? ControlTokens.unguard(text) : text, beginsText);
                case Segment.Control(int id) -> id == image.id() ? image.expanded() : new int[]{id};
            };
            if (isPicture(segment))
                pictures.add(new EncodedPrompt.Rows(ids.size(), image.rows()));
            for (int id : next)
                ids = ids.append(id);
        }
        if (ids.isEmpty())
            throw new RequestRefused(new Failure.BadField("prompt.text", "nothing (expected: text)"));
        return new EncodedPrompt(ids, pictures);
    }

    /** A vocabulary may hold a control token as a piece too: typed by a user, its letters are kept from meeting. */
    private int[] encode(String text, boolean beginsText) {
        int[] ids = stretches.encode(text, beginsText);
        if (Arrays.stream(ids).noneMatch(controls::isControl))
            return ids;
        var parts = controls.apart(text);
        return IntStream.range(0, parts.size())
                .mapToObj(i -> stretches.encode(parts.get(i), beginsText && i == 0))
                .flatMapToInt(Arrays::stream)
                .toArray();
    }

    private List<Segment> withBegin(List<Segment> segments) {
        if (begin.isEmpty())
            return segments;
        var first = new Segment.Control(begin.get());
        boolean isThere = !segments.isEmpty() && segments.getFirst().equals(first);
        return isThere ? segments : Stream.concat(Stream.of(first), segments.stream()).toList();
    }

    private boolean isPicture(Segment segment) {
        return segment.equals(new Segment.Control(image.id()));
    }

    private static EncodedPrompt lengthChecked(EncodedPrompt prompt, int maxPositions) throws RequestRefused {
        if (prompt.positions() > maxPositions)
            throw tooLong(Integer.toString(prompt.positions()), maxPositions);
        return prompt;
    }

    private static RequestRefused tooLong(String positions, int maxPositions) {
        return new RequestRefused(new Failure.PromptTooLong(
                "prompt of " + positions + " positions (expected: at most " + maxPositions
                        + ", so that an answer fits)"));
    }

    private static TemplateChoice template(TokenizerConfig config) {
        if (config.chatTemplate().isEmpty())
            return new TemplateChoice.None();
        try {
            return new TemplateChoice.Usable(ChatTemplate.of(config.chatTemplate().get(), config.specialTokens()));
        } catch (UnusableTokenizer e) {
            return new TemplateChoice.Broken(String.valueOf(e.getMessage()));
        }
    }

    /** The token that begins every text, where the config says so or, when it is silent, the tokenizer does it. */
    private static Optional<Integer> beginToken(StretchTokenizer stretches, TokenizerFile file,
            TokenizerConfig config) {
        var named = config.bosToken().flatMap(file::idOf);
        var around = stretches.encodeNothing();
        boolean byItself = named.isPresent() && around.length > 0 && around[0] == named.get();
        return named.filter(_ -> config.addsBos().orElse(byItself));
    }
}
