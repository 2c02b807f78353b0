package io.github.mirroredsupervisor.internal.postgres.values;

import io.github.mirroredsupervisor.internal.lease.LeaseTimings;
import java.time.Duration;

/**
 * Values that only a manual change can have written. They are valid in their own row and must not affect other rows: a
 * statement that reads many rows, or calculates over them, must not fail because of one. This class has the SQL
 * fragments that ensure this, and the values that are read instead.
 */
public final class Absurd {

    /**
     * Half of what a bigint can hold; no counter gets there by counting. The schema's constraints name the same number.
     */
    public static final long LAST_COUNT = (1L << 62) - 1;

    /** A condition on a time that is used only in sums and differences with other times. */
    public static final String SENSIBLE_TIME =
            "between timestamptz '2000-01-01 00:00:00Z' and timestamptz '9000-01-01 00:00:00Z'";

    private Absurd() {}

    /** The next value of a counter. After the last value the first one follows, which also differs from it. */
    public static String next(String counter) {
        return "case when " + counter + " < " + LAST_COUNT + " then " + counter + " + 1 else 1 end";
    }

    /** The next value of a counter. The last value stays, as peers would take a lower one for a restored database. */
    public static String raised(String counter) {
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
     * The lease that a row promises. A value outside of the permitted range counts as the longest lease, so that no
     * peer is declared dead too early.
     */
    public static Duration lease(long millis) {
        boolean sensible =
                millis >= LeaseTimings.SHORTEST_LEASE.toMillis() && millis <= LeaseTimings.LONGEST_LEASE.toMillis();
        return sensible ? Duration.ofMillis(millis) : LeaseTimings.LONGEST_LEASE;
    }

    /** A duration that is safe to calculate with. */
    public static Duration duration(long millis) {
        return Duration.ofMillis(
                Math.max(0, Math.min(millis, Duration.ofDays(36_500).toMillis())));
    }
}
