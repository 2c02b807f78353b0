package io.github.mirroredsupervisor.internal.postgres.sessions;

/**
 * How many rows one statement changes. A statement that exceeds its time limit is repeated. As a whole it would exceed
 * the limit again, for ever, on a slow server. So the next ones are smaller, and grow again as they are answered. Used
 * by one thread.
 */
final class ChunkSize {

    private static final int FEWEST = 10;

    private final int most;
    private int now;

    ChunkSize(int most) {
        this.most = most;
        this.now = most;
    }

    int rows() {
        return now;
    }

    /** A statement for that many rows was answered. */
    void answered(int rows) {
        if (rows >= now) {
            now = Math.min(most, now * 2);
        }
    }

    /** A statement was not answered in time. */
    void unanswered() {
        now = Math.max(FEWEST, now / 4);
    }
}
