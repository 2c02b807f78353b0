package io.github.mirroredsupervisor.internal.store.rows;

/**
 * A live member that declares children of another application in a group without a configured name.
 *
 * @param label the displayed name of the peer
 * @param origin its application
 */
public record Stranger(String label, String origin) {}
