package io.github.mirroredsupervisor;

/**
 * A peer, for display and monitoring.
 *
 * @param id the incarnation, which calls take and {@link MirroredSupervisor#self()} returns
 * @param label the configured name, by default host and process id
 * @param host the machine's name as the peer knows it
 * @param pid the operating system's process id
 */
public record PeerRef(PeerId id, String label, String host, long pid) {}
