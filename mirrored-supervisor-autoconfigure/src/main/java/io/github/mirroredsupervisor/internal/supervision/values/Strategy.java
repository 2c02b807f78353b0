package io.github.mirroredsupervisor.internal.supervision.values;

/** Which siblings are cycled when a child is restarted (semantics rows A31–A33). */
public enum Strategy {
    ONE_FOR_ONE,
    ONE_FOR_ALL,
    REST_FOR_ONE
}
