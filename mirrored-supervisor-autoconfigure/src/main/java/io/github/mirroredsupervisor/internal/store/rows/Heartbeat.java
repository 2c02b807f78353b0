package io.github.mirroredsupervisor.internal.store.rows;

/**
 * One renewal of a peer, as its row shows it. Renewals are compared for equality only and have no order: a restored
 * copy of the database may show the same counter for another renewal.
 *
 * @param seq the renewal counter
 * @param at its time by the database's clock, in microseconds; 0 if that is absurd. Used for comparison only.
 */
public record Heartbeat(long seq, long at) {}
