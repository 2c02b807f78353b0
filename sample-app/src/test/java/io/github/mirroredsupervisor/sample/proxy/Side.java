package io.github.mirroredsupervisor.sample.proxy;

/** An end of a connection. */
public enum Side {
    CLIENT,
    SERVER
}
