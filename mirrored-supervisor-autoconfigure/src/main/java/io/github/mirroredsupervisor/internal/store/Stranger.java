package io.github.mirroredsupervisor.internal.store;

/**
 * A live member that declares children of another application in a group that nobody named.
 *
 * @param label the peer's name for people
 * @param origin its application
 */
public record Stranger(String label, String origin) {}
