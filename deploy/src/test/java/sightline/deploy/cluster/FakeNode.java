package sightline.deploy.cluster;

import java.io.IOException;
import java.util.Arrays;

/** A process that behaves like a node as far as its supervisor can see. */
final class FakeNode {
    private FakeNode() {}

    public static void main(String[] args) throws IOException {
        System.err.println("log of a fake node");
        int exit = Arrays.stream(args)
                .filter(arg -> arg.startsWith("exit="))
                .findFirst()
                .map(arg -> Integer.parseInt(arg.substring("exit=".length())))
                .orElse(0);
        if (exit != 0)
            System.exit(exit);
        System.out.println("ready name=fake");
        System.out.println("ready name=fake"); // as a replica does whose stages are linked anew
        while (System.in.read() >= 0) { /* until whoever started this goes away */ }
    }
}
