/**
 * What crosses a process boundary, apart from the generated messages: failures and their status, tensor chunks, keys.
 * Knows no actors, no tensors and no settings.
 */
@NullMarked
package sightline.wire;

import org.jspecify.annotations.NullMarked;
