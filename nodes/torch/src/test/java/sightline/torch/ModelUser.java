package sightline.torch;

import java.io.IOException;
import java.nio.file.Path;

/** Uses a model of the weight cache until it is killed, or the process that began it is gone. */
final class ModelUser {
    private ModelUser() {}

    public static void main(String[] args) throws IOException {
        new CacheRoom(Path.of(args[0]), Long.MAX_VALUE, System.err::println).claim();
        System.out.print('.');
        System.out.flush();
        System.in.read();
    }
}
