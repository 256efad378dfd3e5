package sightline.deploy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The demo model's files. */
public final class Demo {
    /** The {@code deploy} folder. */
    public static final Path HOME = Path.of(System.getProperty("sightline.root"), "deploy");

    public static final Path CHECKPOINT = Path.of(System.getProperty("sightline.demo"));

    private Demo() {}

    /** A file that lies beside the checkpoint. */
    static Path file(String name) {
        return CHECKPOINT.resolveSibling(name);
    }

    /** The picture that {@code up} asks about. */
    static ByteString sample() throws IOException {
        return picture("sample-1.png");
    }

    static ByteString picture(String name) throws IOException {
        return ByteString.copyFrom(Files.readAllBytes(file(name)));
    }
}
