package sightline.client;

import com.google.protobuf.ByteString;
import java.util.List;
import sightline.v1.Conversation;
import sightline.v1.GenerateRequest;
import sightline.v1.Image;
import sightline.v1.Message;
import sightline.v1.Part;
import sightline.v1.Prompt;

/**
 * Some pictures and a text about them.
 *
 * @param pictures picture files
 */
public record Question(String text, List<ByteString> pictures) {
    public Question {
        pictures = List.copyOf(pictures);
    }

    /** As the only message of a conversation, pictures first. */
    public GenerateRequest.Builder request() {
        var message = Message.newBuilder().setRole("user");
        pictures.forEach(picture -> message.addParts(Part.newBuilder().setImage(image(picture))));
        message.addParts(Part.newBuilder().setText(text));
        return GenerateRequest.newBuilder().setConversation(Conversation.newBuilder().addMessages(message));
    }

    /** As a prompt that is rendered already: the text has one {@code <image>} for each picture. */
    public GenerateRequest.Builder rawRequest() {
        var prompt = Prompt.newBuilder().setText(text);
        pictures.forEach(picture -> prompt.addImages(image(picture)));
        return GenerateRequest.newBuilder().setPrompt(prompt);
    }

    private static Image image(ByteString picture) {
        return Image.newBuilder().setEncoded(picture).build();
    }
}
