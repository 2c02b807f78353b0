package io.github.mirroredsupervisor.internal.lease;

import java.time.Duration;

/**
 * The configuration of this peer. Contradictions have already been refused (see {@link LeaseTimings}).
 *
 * @param label the displayed name of the peer
 * @param host the machine's name
 * @param pid the process id
 * @param lease how long the other peers wait after the last renewal they saw before they take over
 * @param renewInterval how often the lease is renewed
 * @param stopBound how long children may take to end when the permission is lost
 * @param callTimeout how long a command waits for the owner's answer
 * @param onStuckChild what happens to the process when a child does not end
 * @param maxCrashes how many processes may die soon after a child's start before the child is quarantined; zero for any
 *     number
 * @param startup what happens to the start of the peer when it cannot join
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

    /** The same, but the process lives on whatever a child does. */
    public PeerSettings reportingStuckChildren() {
        return new PeerSettings(
                label,
                host,
                pid,
                lease,
                renewInterval,
                stopBound,
                callTimeout,
                OnStuckChild.REPORT,
                maxCrashes,
                startup);
    }

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
