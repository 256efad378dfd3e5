package sightline.language.stage;

import java.time.Duration;

/**
 * How a link is kept alive.
 *
 * @param silence after which the other side is taken for lost
 */
public record LinkRules(Duration beatInterval, Duration silence) {}
