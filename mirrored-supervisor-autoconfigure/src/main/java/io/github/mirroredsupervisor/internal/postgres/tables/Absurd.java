package io.github.mirroredsupervisor.internal.postgres.tables;

import io.github.mirroredsupervisor.internal.lease.LeaseTimings;
import java.time.Duration;

/**
 * Values that only a hand can have written. They are as good as any other in the row where they stand, and must not
 * reach beyond it: a statement that reads many rows, or a calculation over them, does not fail because of one. These
 * are the parts of statements that see to it, and what is read instead.
 */
public final class Absurd {

    /** No counter gets there by itself: half of what a bigint holds. The schema's constraints name the same number. */
    static final long LAST_COUNT = (1L << 62) - 1;

    /** A condition on a time of which nothing but sums and differences with others are taken. */
    public static final String SENSIBLE_TIME =
            "between timestamptz '2000-01-01 00:00:00Z' and timestamptz '9000-01-01 00:00:00Z'";

    private Absurd() {}

    /** The counter after this one; the first again after the last, which is another one too. */
    public static String next(String counter) {
        return "case when " + counter + " < " + LAST_COUNT + " then " + counter + " + 1 else 1 end";
    }

    /** The counter after this one; the last for good, as others would take a lower one for a database of the past. */
    static String raised(String counter) {
        return "case when " + counter + " < " + LAST_COUNT + " then " + counter + " + 1 else " + counter + " end";
    }

    /** A time as microseconds since 1970; 0 if it is absurd. */
    public static String micros(String time) {
        return "case when " + time + " " + SENSIBLE_TIME + " then (extract(epoch from " + time
                + ") * 1000000::numeric)::bigint else 0::bigint end";
    }

    /** The lease of the peer {@code p}, as an interval. */
    public static String lease() {
        return "least(greatest(p.lease_ms, 1), " + LeaseTimings.LONGEST_LEASE.toMillis()
                + ") * interval '1 millisecond'";
    }

    /**
     * A row that promises less than any peer would, or more than any may, is waited for as long as for the longest
     * lease: nobody is declared dead too early.
     */
    public static Duration lease(long millis) {
        boolean sensible =
                millis >= LeaseTimings.SHORTEST_LEASE.toMillis() && millis <= LeaseTimings.LONGEST_LEASE.toMillis();
        return sensible ? Duration.ofMillis(millis) : LeaseTimings.LONGEST_LEASE;
    }

    /** A duration that calculations can go on with. */
    static Duration duration(long millis) {
        return Duration.ofMillis(
                Math.max(0, Math.min(millis, Duration.ofDays(36_500).toMillis())));
    }
}
