/**
 * From token ids to the text that a client may see: vocabulary, incremental detokenizer, stop strings.
 *
 * <p>Everything here is a value: feeding the same ids gives the same text, in whatever portions they come. Knows no
 * prompts, no models, no actors and no clock. Start reading at {@link sightline.router.text.AnswerText}.
 */
@NullMarked
package sightline.router.text;

import org.jspecify.annotations.NullMarked;
