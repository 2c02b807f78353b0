package io.github.mirroredsupervisor.internal.supervision;

/** What ends when there was one restart too many and no restart delay softens it. */
public enum OnIntensityExceeded {
    /** The whole group, on every peer, as in OTP and RabbitMQ (semantics rows A38, B47). */
    TERMINATE_GROUP,
    /** The child alone, until somebody restarts it; its siblings begin with a new restart history. */
    QUARANTINE_CHILD
}
