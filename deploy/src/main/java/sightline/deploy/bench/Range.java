package sightline.deploy.bench;

import java.util.Random;

/** Whole numbers from the first to the second, each as likely as any other. */
public record Range(int least, int most) {
    public Range {
        if (least < 0 || most < least)
            throw new IllegalArgumentException("range: " + least + "-" + most + " (expected: 0 <= least <= most)");
    }

    /** Reads one number, or two with a hyphen between. */
    public static Range parse(String text) {
        var parts = text.split("-", 2);
        return new Range(Integer.parseInt(parts[0]), Integer.parseInt(parts[parts.length - 1]));
    }

    int draw(Random random) {
        return least + random.nextInt(most - least + 1);
    }
}
