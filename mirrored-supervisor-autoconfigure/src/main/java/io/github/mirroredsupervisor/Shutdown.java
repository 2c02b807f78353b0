package io.github.mirroredsupervisor;

import java.time.Duration;

/**
 * How a child is told to end (semantics rows A7, A41). The JVM cannot kill a thread: "told" is
 * {@link ChildContext#isStopping()} turning true together with an interrupt, and a child that ignores both is reported
 * as {@link Phase#STUCK}.
 */
public sealed interface Shutdown {

    /** OTP's default for a worker: five seconds. */
    Shutdown WORKER_DEFAULT = new Timeout(Duration.ofSeconds(5));

    /** Interrupted, and not waited for. */
    record Brutal() implements Shutdown {}

    /**
     * Told to stop, interrupted again when the time is over.
     *
     * @param limit how long to wait; zero means interrupt and do not wait, negative is refused by
     *     {@link ChildSpec#check}
     */
    record Timeout(Duration limit) implements Shutdown {}

    /** Told to stop and waited for as long as it takes; the end of the peer's lease bounds it all the same. */
    record Infinity() implements Shutdown {}
}
