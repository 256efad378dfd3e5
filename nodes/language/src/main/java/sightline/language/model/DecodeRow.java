package sightline.language.model;

import sightline.language.schedule.SequenceId;

/** One row of a decode step: a generated token, and the position that it takes in its sequence. */
public record DecodeRow(SequenceId id, int token, int position) {}
