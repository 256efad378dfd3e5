package sightline.language.stage;

import java.time.Duration;

/**
 * How a link is kept alive.
 *
 * @param silence after which the other side is taken for lost
 * @param stalled after which a stage is, that beats and does not answer a batch
 */
public record LinkRules(Duration beatInterval, Duration silence, Duration stalled) {}
