package sightline.deploy.bench;

import java.util.Random;

/** When requests are sent. */
public sealed interface Load {
    /** A number for a chart's axis. */
    double level();

    /** So many clients, each of which sends its next request when the one before has ended. */
    record Closed(int clients) implements Load {
        public Closed {
            if (clients < 1)
                throw new IllegalArgumentException("concurrency: " + clients + " (expected: >= 1)");
        }

        @Override
        public double level() {
            return clients;
        }
    }

    /** Requests that come by chance, so many a second in the mean, whether earlier ones have ended or not. */
    record Open(double perSecond) implements Load {
        public Open {
            if (!(perSecond > 0))
                throw new IllegalArgumentException("rate: " + perSecond + " (expected: > 0)");
        }

        @Override
        public double level() {
            return perSecond;
        }

        /** Time to the next request of a Poisson process, in nanoseconds. */
        long gapNanos(Random random) {
            return (long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9);
        }
    }
}
