package io.github.mirroredsupervisor.internal.lease;

import java.time.Duration;

/**
 * How this peer is configured. Contradictions were refused before (see {@link LeaseTimings}).
 *
 * @param label the peer's name for people
 * @param host the machine's name
 * @param pid the process id
 * @param lease how long the others wait, from the last renewal they saw, before they take over
 * @param renewInterval how often the lease is renewed
 * @param stopBound how long children may take to end when the permission is lost
 * @param callTimeout how long a command waits for the owner's answer
 * @param onStuckChild what a child that does not end means for the process
 * @param maxCrashes how many processes may die soon after a child's start before it is kept from starting; zero for any
 *     number
 * @param startup what it means for the start of the peer that it cannot join
 */
public record PeerSettings(
        String label,
        String host,
        long pid,
        Duration lease,
        Duration renewInterval,
        Duration stopBound,
        Duration callTimeout,
        OnStuckChild onStuckChild,
        int maxCrashes,
        Startup startup) {

    /** With a {@linkplain Startup#STRICT strict} start. */
    public PeerSettings(
            String label,
            String host,
            long pid,
            Duration lease,
            Duration renewInterval,
            Duration stopBound,
            Duration callTimeout,
            OnStuckChild onStuckChild,
            int maxCrashes) {
        this(label, host, pid, lease, renewInterval, stopBound, callTimeout, onStuckChild, maxCrashes, Startup.STRICT);
    }
}
