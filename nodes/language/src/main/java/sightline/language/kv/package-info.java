/**
 * Keeps the keys and values of running sequences. Start reading at {@link sightline.language.kv.KvStore}.
 *
 * <p>Knows no tokens, no actors and no clock, and of the schedule only how sequences are numbered: who may reserve how much
 * is decided elsewhere.
 */
@NullMarked
package sightline.language.kv;

import org.jspecify.annotations.NullMarked;
