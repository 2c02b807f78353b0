package io.github.mirroredsupervisor.internal.supervision.values;

import java.time.Instant;

/**
 * When an event is handled.
 *
 * @param nanos monotonic time; every decision uses it, and compares by subtraction
 * @param instant the same moment in wall-clock time, for display; no decision uses it
 */
public record Moment(long nanos, Instant instant) {}
