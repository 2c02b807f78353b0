package io.github.mirroredsupervisor.autoconfigure.coordination;

import java.time.Duration;

/**
 * How often the coordinator's election and duties run. Every attempt at the lock costs a connection and six statements,
 * and a follower makes two in each heartbeat. Heartbeats are rare because ownership of children never waits for a
 * coordinator.
 *
 * @param heartbeat how often the lock is renewed or attempted
 * @param timeToLive how long a lost coordinator keeps the lock
 * @param retry how long to wait after an error, and before the first attempt
 * @param duties how often the duties are done
 */
public record CoordinatorTiming(Duration heartbeat, Duration timeToLive, Duration retry, Duration duties) {

    public static final CoordinatorTiming AT_REST = new CoordinatorTiming(
            Duration.ofSeconds(60), Duration.ofSeconds(200), Duration.ofSeconds(15), Duration.ofSeconds(60));
}
