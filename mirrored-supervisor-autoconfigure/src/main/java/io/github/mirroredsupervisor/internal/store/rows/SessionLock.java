package io.github.mirroredsupervisor.internal.store.rows;

import io.github.mirroredsupervisor.PeerId;

/**
 * The advisory lock that a peer's private session holds for as long as the session lives (protocol rule 10). Its end is
 * a hint that the peer is dead, never a proof.
 *
 * @param peer the peer whose session holds it
 * @param key new and random for every session and incarnation, so that a lock once found free is never held again
 * @param server identity of the server that holds it, the same text for every peer
 */
public record SessionLock(PeerId peer, long key, String server) {}
