package sightline.language;

import sightline.language.model.ModelRunner;

/**
 * A model that is ready to run.
 *
 * @param kvBlocks blocks of keys and values that there is memory for
 */
record Engine(ModelRunner runner, int vocabulary, int kvBlocks) {}
