package sightline.language.schedule;

/** Names one sequence of this node; never given twice while the process lives. */
public record SequenceId(long value) {}
