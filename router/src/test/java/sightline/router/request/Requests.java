package sightline.router.request;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import sightline.v1.Conversation;
import sightline.v1.GenerateRequest;
import sightline.v1.Image;
import sightline.v1.Message;
import sightline.v1.Part;
import sightline.v1.Prompt;

/** Requests as clients send them. */
public final class Requests {
    private Requests() {}

    public static Part text(String text) {
        return Part.newBuilder().setText(text).build();
    }

    public static Part picture(ByteString encoded) {
        return Part.newBuilder().setImage(image(encoded)).build();
    }

    public static Image image(ByteString encoded) {
        return Image.newBuilder().setEncoded(encoded).build();
    }

    public static Message message(String role, Part... parts) {
        return Message.newBuilder().setRole(role).addAllParts(List.of(parts)).build();
    }

    public static GenerateRequest.Builder conversation(Message... messages) {
        return GenerateRequest.newBuilder()
                .setConversation(Conversation.newBuilder().addAllMessages(List.of(messages)));
    }

    public static GenerateRequest.Builder question(String text) {
        return conversation(message("user", text(text)));
    }

    public static GenerateRequest.Builder prompt(String text, ByteString... pictures) {
        var prompt = Prompt.newBuilder().setText(text);
        for (var picture : pictures)
            prompt.addImages(image(picture));
        return GenerateRequest.newBuilder().setPrompt(prompt);
    }

    /** A real picture file. */
    public static ByteString picture() {
        try {
            return ByteString.copyFrom(
                    Files.readAllBytes(Path.of(System.getProperty("sightline.golden"), "gemma-mqa", "tiny.png")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A PNG whose header claims a size; nothing of it is there. */
    public static ByteString claimedPng(int width, int height) {
        var header = ByteBuffer.allocate(33)
                .putLong(0x89504E470D0A1A0AL)
                .putInt(13)
                .put("IHDR".getBytes(StandardCharsets.US_ASCII))
                .putInt(width)
                .putInt(height)
                .put(new byte[]{8, 2, 0, 0, 0})
                .putInt(0);
        return ByteString.copyFrom(header.flip());
    }
}
