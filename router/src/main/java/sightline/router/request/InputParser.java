package sightline.router.request;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sightline.image.ImageHeader;
import sightline.image.UnreadableImage;
import sightline.router.prompt.PromptInput;
import sightline.router.prompt.RequestRefused;
import sightline.router.prompt.Turn;
import sightline.v1.Conversation;
import sightline.v1.GenerateRequest;
import sightline.v1.Image;
import sightline.v1.Message;
import sightline.v1.Part;
import sightline.v1.Prompt;
import sightline.wire.Failure;

/** Reads what a client asks with: text within its cap, pictures that may be decoded. One instance per request. */
final class InputParser {
    private static final FieldPath MESSAGES = FieldPath.of("conversation.messages");
    private static final int SHOWN_CHARS = 32;

    private final RequestLimits limits;
    private final List<ValidRequest.Picture> pictures = new ArrayList<>();
    private long textBytes;

    InputParser(RequestLimits limits) {
        this.limits = limits;
    }

    PromptInput parse(GenerateRequest request) throws RequestRefused {
        return switch (request.getInputCase()) {
            case CONVERSATION -> conversation(request.getConversation());
            case PROMPT -> prompt(request.getPrompt());
            case INPUT_NOT_SET -> throw FieldPath.of("input").refused("nothing", "conversation or prompt");
        };
    }

    /** In the order of their marks; whole after {@link #parse}. */
    List<ValidRequest.Picture> pictures() {
        return pictures;
    }

    private PromptInput conversation(Conversation conversation) throws RequestRefused {
        MESSAGES.expect(conversation.getMessagesCount() > 0, "no message", "at least one");
        var turns = new ArrayList<Turn>();
        for (int i = 0; i < conversation.getMessagesCount(); i++)
            turns.add(turn(MESSAGES.element(i), conversation.getMessages(i)));
        var last = turns.getLast().role();
        MESSAGES.element(turns.size() - 1)
                .field("role")
                .expect(last == Turn.Role.USER, "\"" + last.wireName() + "\"",
                        "\"user\" in the last message");
        return new PromptInput.Conversation(turns);
    }

    private Turn turn(FieldPath at, Message message) throws RequestRefused {
        var role = role(message.getRole());
        if (role.isEmpty())
            throw at.field("role")
                    .refused(quoted(message.getRole()), Stream.of(Turn.Role.values())
                            .map(known -> "\"" + known.wireName() + "\"")
                            .collect(Collectors.joining(", ")));
        at.field("parts").expect(message.getPartsCount() > 0, "no part", "at least one");
        var parts = new ArrayList<Turn.Part>();
        for (int i = 0; i < message.getPartsCount(); i++)
            parts.add(part(at.field("parts").element(i), message.getParts(i)));
        return new Turn(role.get(), parts);
    }

    private static Optional<Turn.Role> role(String name) {
        return Stream.of(Turn.Role.values()).filter(role -> role.wireName().equals(name)).findFirst();
    }

    /** The beginning of what a client wrote, short enough to be shown to it. */
    private static String quoted(String text) {
        return text.codePoints()
                .limit(SHOWN_CHARS)
                .collect(() -> new StringBuilder("\""), StringBuilder::appendCodePoint,
                        StringBuilder::append)
                .append('"')
                .toString();
    }

    private Turn.Part part(FieldPath at, Part part) throws RequestRefused {
        return switch (part.getContentCase()) {
            case TEXT -> {
                countText(at.field("text"), part.getText());
                yield new Turn.Part.Text(part.getText());
            }
            case IMAGE -> {
                addPicture(at.field("image"), part.getImage());
                yield new Turn.Part.Picture();
            }
            case CONTENT_NOT_SET -> throw at.refused("nothing", "text or image");
        };
    }

    private PromptInput prompt(Prompt prompt) throws RequestRefused {
        var at = FieldPath.of("prompt");
        countText(at.field("text"), prompt.getText());
        for (int i = 0; i < prompt.getImagesCount(); i++)
            addPicture(at.field("images").element(i), prompt.getImages(i));
        return new PromptInput.Rendered(prompt.getText());
    }

    private void countText(FieldPath at, String text) throws RequestRefused {
        textBytes += Math.max(1, text.getBytes(StandardCharsets.UTF_8).length); // an empty one takes memory too
        at.expect(textBytes <= limits.textBytes(), textBytes + " bytes of text",
                "at most " + limits.textBytes() + " in a request");
    }

    private void addPicture(FieldPath at, Image image) throws RequestRefused {
        at.expect(image.hasEncoded(), "nothing", "encoded");
        at.expect(pictures.size() < limits.pictures(), "one picture more",
                "at most " + limits.pictures() + " in a request");
        int size = image.getEncoded().size();
        at.field("encoded")
                .expect(size <= limits.pictureBytes(), size + " bytes",
                        "at most " + limits.pictureBytes() + " a picture");
        try {
            ImageHeader.read(image.getEncoded().toByteArray());
        } catch (UnreadableImage e) {
            throw new RequestRefused(new Failure.BadImage(String.valueOf(e.getMessage())).at(at.text()));
        }
        pictures.add(new ValidRequest.Picture(at.text(), image.getEncoded()));
    }
}
