package io.github.mirroredsupervisor.autoconfigure.coordination;

import java.time.Duration;

/**
 * How often the coordinator's election and duties come round. Every attempt at the lock costs a connection and six
 * statements, and a follower makes two each heartbeat, so heartbeats are rare: nothing about ownership waits for a
 * coordinator.
 *
 * @param heartbeat how often the lock is renewed or tried for
 * @param timeToLive how long a lost coordinator keeps the lock
 * @param retry how long to wait after an error
 * @param duties how often the duties are done
 */
public record CoordinatorTiming(Duration heartbeat, Duration timeToLive, Duration retry, Duration duties) {

    public static final CoordinatorTiming AT_REST = new CoordinatorTiming(
            Duration.ofSeconds(60), Duration.ofSeconds(200), Duration.ofSeconds(15), Duration.ofSeconds(60));
}
