package io.github.mirroredsupervisor;

import java.time.Duration;

/**
 * How a child is stopped (semantics rows A7, A41). The JVM cannot kill a thread. "Told to stop" means that
 * {@link ChildContext#isStopping()} turns true and the thread is interrupted; a child that ignores both is reported as
 * {@link Phase#STUCK}.
 */
public sealed interface Shutdown {

    /** OTP's default for a worker: five seconds. */
    Shutdown WORKER_DEFAULT = new Timeout(Duration.ofSeconds(5));

    /** Told to stop, and not waited for. */
    record Brutal() implements Shutdown {}

    /**
     * Told to stop, and interrupted again when the time is over.
     *
     * @param limit how long to wait; zero means interrupt and do not wait; a negative limit is refused by
     *     {@link ChildSpec#check}
     */
    record Timeout(Duration limit) implements Shutdown {}

    /** Told to stop, and waited for without a limit. The end of the peer's lease still bounds the wait. */
    record Infinity() implements Shutdown {}
}
