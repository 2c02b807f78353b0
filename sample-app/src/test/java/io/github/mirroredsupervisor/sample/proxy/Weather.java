package io.github.mirroredsupervisor.sample.proxy;

import java.time.Duration;

/**
 * What a network does to a connection. What it holds is delivered when the weather changes, unless somebody has given
 * the connection up by then, as a real network does with what its ends send again and again.
 *
 * @param holdsRequests whether nothing reaches the server, not even the end of the connection
 * @param holdsReplies whether nothing reaches the client
 * @param delay how long everything takes on its way
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
