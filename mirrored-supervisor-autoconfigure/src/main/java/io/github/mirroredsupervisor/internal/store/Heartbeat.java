package io.github.mirroredsupervisor.internal.store;

/**
 * One renewal of a peer, as its row shows it. Two are the same if they are equal, and there is no order: a copy of the
 * database that is put in place may show the same counter for another renewal.
 *
 * @param seq the renewal counter
 * @param at when it was by the database's clock, in microseconds; 0 if that is absurd. Nothing is calculated with it.
 */
public record Heartbeat(long seq, long at) {}
