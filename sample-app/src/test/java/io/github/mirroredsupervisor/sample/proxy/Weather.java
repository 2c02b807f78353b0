package io.github.mirroredsupervisor.sample.proxy;

import java.time.Duration;

/**
 * What a network does to a connection. Bytes that it holds are delivered when the weather changes, as by retransmission
 * in a real network, unless one end has closed the connection by then.
 *
 * @param holdsRequests whether nothing reaches the server, not even the end of the connection
 * @param holdsReplies whether nothing reaches the client
 * @param delay how long everything is delayed
 */
public record Weather(boolean holdsRequests, boolean holdsReplies, Duration delay) {

    /** Everything passes at once. */
    public static final Weather FAIR = new Weather(false, false, Duration.ZERO);

    /** A black hole in both directions. */
    public static final Weather PARTITION = new Weather(true, true, Duration.ZERO);

    public static final Weather HOLDS_REQUESTS = new Weather(true, false, Duration.ZERO);

    public static final Weather HOLDS_REPLIES = new Weather(false, true, Duration.ZERO);

    public static Weather slow(Duration delay) {
        return new Weather(false, false, delay);
    }

    boolean holds(Side towards) {
        return towards == Side.SERVER ? holdsRequests : holdsReplies;
    }
}
