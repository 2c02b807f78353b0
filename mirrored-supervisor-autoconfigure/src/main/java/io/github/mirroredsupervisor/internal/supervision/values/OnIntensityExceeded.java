package io.github.mirroredsupervisor.internal.supervision.values;

/** What ends when the restart intensity is exceeded and no restart delay is configured. */
public enum OnIntensityExceeded {
    /** The whole group, on every peer, as in OTP and RabbitMQ (semantics rows A38, B47). */
    TERMINATE_GROUP,
    /** The child alone, until a command restarts it. Its siblings begin with an empty restart history. */
    QUARANTINE_CHILD
}
