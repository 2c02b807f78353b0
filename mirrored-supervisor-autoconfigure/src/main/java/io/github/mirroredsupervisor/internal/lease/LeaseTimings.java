package io.github.mirroredsupervisor.internal.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The three durations of the protocol and their consequences (protocol rules 1 to 4, and "Consequences").
 *
 * <p>Pure: fills in unset durations, finds contradictions, and computes the worst cases.
 *
 * @param lease how long the other peers wait after the last renewal they saw before they take over
 * @param renewInterval how often the lease is renewed
 * @param stopBound how long children may take to end when the permission is lost
 */
public record LeaseTimings(Duration lease, Duration renewInterval, Duration stopBound) {

    /** With a shorter lease a garbage collection pause or one lost packet costs the permission. */
    public static final Duration SHORTEST_LEASE = Duration.ofMillis(300);

    /**
     * A longer wait for a takeover is useless. The limit also keeps every derived time-out within 32 bits of
     * milliseconds.
     */
    public static final Duration LONGEST_LEASE = Duration.ofDays(1);

    private static final int RENEWALS_PER_LEASE = 5;

    private static final int STOPS_PER_LEASE = 6;

    private static final int FEWEST_RENEWALS_PER_LEASE = 3;

    /** A trade-off: how fast a lost process is detected, against how long a silent database is tolerated. */
    public enum Profile {
        FAST(Duration.ofMillis(600)),
        BALANCED(Duration.ofSeconds(3)),
        TOLERANT(Duration.ofSeconds(15));

        private final Duration lease;

        Profile(Duration lease) {
            this.lease = lease;
        }

        public Duration lease() {
            return lease;
        }
    }

    /**
     * Fills in unset durations: the lease from the profile, the others as fractions of the lease. Never throws; see
     * {@link #contradictions()}.
     */
    public static LeaseTimings resolve(
            Profile profile, @Nullable Duration lease, @Nullable Duration renewInterval, @Nullable Duration stopBound) {
        Duration whole = lease == null ? profile.lease() : lease;
        return new LeaseTimings(
                whole,
                renewInterval == null ? whole.dividedBy(RENEWALS_PER_LEASE) : renewInterval,
                stopBound == null ? whole.dividedBy(STOPS_PER_LEASE) : stopBound);
    }

    /** All invalid settings. If the lease is invalid, the other two are not checked. */
    public List<InvalidSetting> contradictions() {
        if (lease.compareTo(SHORTEST_LEASE) < 0) {
            return List.of(new InvalidSetting(
                    "lease",
                    text(lease),
                    "too short to be told from an ordinary pause of the JVM or the network",
                    "at least " + text(SHORTEST_LEASE) + ", as in profile fast (" + text(Profile.FAST.lease()) + ")"));
        }
        if (lease.compareTo(LONGEST_LEASE) > 0) {
            return List.of(new InvalidSetting(
                    "lease",
                    text(lease),
                    "longer than anybody waits for a takeover",
                    "at most " + text(LONGEST_LEASE) + ", as in profile tolerant (" + text(Profile.TOLERANT.lease())
                            + ")"));
        }
        return sharesOfTheLease();
    }

    private List<InvalidSetting> sharesOfTheLease() {
        List<InvalidSetting> found = new ArrayList<>();
        boolean renewIsPositive = positive("renew-interval", renewInterval, RENEWALS_PER_LEASE, found);
        boolean stopIsPositive = positive("stop-bound", stopBound, STOPS_PER_LEASE, found);
        Duration longestRenewal = lease.dividedBy(FEWEST_RENEWALS_PER_LEASE);
        if (renewInterval.compareTo(longestRenewal) > 0) {
            found.add(new InvalidSetting(
                    "renew-interval",
                    text(renewInterval),
                    "more than a third of the lease (" + text(lease) + "): one late renewal would cost the permission",
                    "at most " + text(longestRenewal) + ", or a lease of more than three times the interval"));
        } else if (renewIsPositive && stopIsPositive) {
            roomForTwoRenewals(found);
        }
        return List.copyOf(found);
    }

    private void roomForTwoRenewals(List<InvalidSetting> found) {
        Duration longestStop = lease.minus(renewInterval.multipliedBy(2));
        if (stopBound.compareTo(longestStop) > 0) {
            found.add(new InvalidSetting(
                    "stop-bound",
                    text(stopBound),
                    "and with two renewals (" + text(renewInterval) + " each) that is more than the lease ("
                            + text(lease) + "): children would be stopped although the lease is renewed",
                    "at most " + text(longestStop) + ", or a longer lease"));
        }
    }

    private boolean positive(String setting, Duration value, int share, List<InvalidSetting> found) {
        boolean positive = !value.isNegative() && !value.isZero();
        if (!positive) {
            found.add(new InvalidSetting(
                    setting,
                    text(value),
                    "not a positive duration",
                    "leave it out to get a share of the lease: " + text(lease.dividedBy(share))));
        }
        return positive;
    }

    /**
     * The longest time until the children of a peer lost by kill, hang, power loss or partition are taken over, without
     * their start.
     */
    public Duration worstTakeover() {
        return lease.multipliedBy(101).dividedBy(100).plus(renewInterval);
    }

    /** How long the database may be silent before children are stopped. */
    public Duration outageTolerance() {
        return lease.minus(stopBound).minus(renewInterval);
    }

    /**
     * The worst cases in one line for the log.
     *
     * @param sessionHints whether the end of a session counts as a hint that its peer is lost
     */
    public String worstCases(boolean sessionHints) {
        return "crash or hang of a peer: its children run elsewhere within " + text(worstTakeover())
                + " and their start" + (sessionHints ? ", IMMEDIATE ones within milliseconds of a crash" : "")
                + "; graceful stop: within their own stop and start; database silent for more than "
                + text(outageTolerance()) + ": children stop within " + text(stopBound)
                + " and start again when it answers (lease " + text(lease) + ", renewed every " + text(renewInterval)
                + ")";
    }

    /** A duration as written in settings. */
    public static String text(Duration value) {
        if (value.abs().compareTo(LONGEST_LEASE) > 0) {
            return value.toString();
        }
        long millis = value.toMillis();
        return millis % 1000 == 0 && millis != 0
                ? String.format(Locale.ROOT, "%ds", millis / 1000)
                : String.format(Locale.ROOT, "%dms", millis);
    }
}
