/**
 * What a checkpoint directory is: its configuration, its small files, and its tensors under one set of names, all of it
 * checked before anything is loaded. Start reading at {@link sightline.model.ModelDirectory}. Knows no LibTorch, no
 * actors and no network.
 */
@NullMarked
package sightline.model;

import org.jspecify.annotations.NullMarked;
