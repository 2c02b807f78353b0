package io.github.mirroredsupervisor;

/**
 * A peer as people and monitoring see it.
 *
 * @param id the incarnation, as calls take it, and as {@link MirroredSupervisor#self()} gives it
 * @param label the configured name, by default host and process id
 * @param host the machine's name as the peer knows it
 * @param pid the operating system's process id
 */
public record PeerRef(PeerId id, String label, String host, long pid) {}
