/**
 * The language node: takes requests over gRPC, has them scheduled, computed and sampled, and streams the tokens back.
 *
 * <p>Start reading at {@link sightline.language.LanguageService}, then {@link sightline.language.LanguageModel}. Knows no
 * text and no tokenizer, no pictures, no sessions and no other node but the ones that serve projected tokens and the further
 * stages of its own replica ({@link sightline.language.LinkingModel}).
 */
@NullMarked
package sightline.language;

import org.jspecify.annotations.NullMarked;
