package io.github.mirroredsupervisor.internal.supervision;

import java.time.Instant;

/**
 * When an event is handled.
 *
 * @param nanos monotonic time; every decision uses it, and compares by subtraction
 * @param instant the same on the clock that people read; no decision uses it
 */
public record Moment(long nanos, Instant instant) {}
