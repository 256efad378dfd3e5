package sightline.router.sim;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Everything that a seed decides; what one part of the world draws does not change what another one does. */
final class Chance {
    private static final RandomGeneratorFactory<RandomGenerator> FACTORY = RandomGeneratorFactory
            .of("L64X128MixRandom");

    private final long seed;
    private final RandomGenerator random;

    Chance(long seed) {
        this.seed = seed;
        this.random = FACTORY.create(seed);
    }

    /** One for a part of the world. */
    Chance of(String part) {
        return new Chance(seed * 31 + part.hashCode());
    }

    boolean percent(int of) {
        return random.nextInt(100) < of;
    }

    /** Both bounds may come. */
    int between(int least, int most) {
        return random.nextInt(least, most + 1);
    }

    long millis(int least, int most) {
        return random.nextLong(VirtualTime.millis(least), VirtualTime.millis(most) + 1);
    }

    long any() {
        return random.nextLong();
    }

    <T> T oneOf(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }
}
