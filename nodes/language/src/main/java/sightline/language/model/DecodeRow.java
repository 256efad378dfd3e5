package sightline.language.model;

import sightline.language.schedule.SequenceId;

/** One sequence's part of a decode step: the token generated last, and the position that it takes. */
public record DecodeRow(SequenceId id, int token, int position) {}
