package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.internal.lease.LeaseTimings;
import io.github.mirroredsupervisor.internal.lease.OnStuckChild;
import io.github.mirroredsupervisor.internal.lease.Startup;
import io.github.mirroredsupervisor.internal.postgres.sessions.SessionHints;
import io.github.mirroredsupervisor.internal.postgres.source.JdbcUrls;
import io.github.mirroredsupervisor.internal.store.GroupPolicies;
import io.github.mirroredsupervisor.internal.supervision.OnIntensityExceeded;
import io.github.mirroredsupervisor.internal.supervision.Strategy;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the mirrored supervisor. What contradicts is refused by {@link SupervisorSettings}.
 *
 * @param enabled Whether the application takes part in mirrored supervision.
 * @param group Name of the default group. By default the application's name (spring.application.name).
 * @param groups Groups of the application by name, each with its own supervisor bean. The default group need not be
 *     listed.
 * @param strategy Which siblings are restarted together with a child.
 * @param intensity How many restarts within the period a group survives on one peer.
 * @param period Window in which restarts count towards the intensity.
 * @param restartDelay How long restarts wait once the intensity is used up. Zero is plain OTP: the group gives up
 *     instead.
 * @param restartDelayMax What the delay of a child that no instance can start grows to, doubled with each round. By
 *     default five minutes, or the restart delay if that is longer.
 * @param autoShutdown Which ends of significant children end the group.
 * @param onIntensityExceeded What ends when there was one restart too many and no restart delay softens it.
 * @param onEmptyGroup What the first member of a group does with the children of former members.
 * @param onStartFailure What a declared child that cannot be started when this peer starts means for it.
 * @param onUndeclared What becomes of a declared child that no live instance declares any more, as it left the code.
 *     Remove removes it after ten leases.
 * @param groupRestartDelay How long after it used up its intensity a group is revived by itself. By default it is not.
 * @param onStuckChild What a child that does not end when it is told to means for the process.
 * @param poison What keeps a child that takes its process down from taking all of them down.
 * @param profile Choice between fast takeover and patience with the database; sets the lease.
 * @param lease How long the other peers wait, from the last renewal they saw, before they take over. By default the
 *     profile's.
 * @param renewInterval How often the lease is renewed. By default a fifth of the lease.
 * @param stopBound How long children may take to end when the lease cannot be renewed. By default a sixth of the lease.
 * @param sessionHints Whether children with takeover IMMEDIATE run elsewhere as soon as their peer's database session
 *     ends, rather than when its lease does.
 * @param callTimeout How long a call of a supervisor waits for the answer of the peer that owns the child.
 * @param startup What it means for the start of the application that this peer cannot join. Lenient, the application
 *     starts nevertheless, and the peer joins when it can.
 * @param label Name of this peer for people. By default host name and process id.
 * @param schema Database schema of the supervisor.
 * @param datasource Where the supervisor's own connections go.
 * @param fencing Transactions of the application that only a child's present run can commit.
 * @param history Record of what happened to the children.
 */
@ConfigurationProperties("mirrored-supervisor")
record SupervisorProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable String group,
        @DefaultValue Map<String, Group> groups,
        @DefaultValue("one-for-one") Strategy strategy,
        @DefaultValue("1") int intensity,
        @DefaultValue("5s") Duration period,
        @DefaultValue("5s") Duration restartDelay,
        @Nullable Duration restartDelayMax,
        @DefaultValue("never") GroupPolicies.AutoShutdown autoShutdown,
        @DefaultValue("terminate-group") OnIntensityExceeded onIntensityExceeded,
        @DefaultValue("reclaim") GroupPolicies.OnEmptyGroup onEmptyGroup,
        @DefaultValue("retry") GroupPolicies.OnStartFailure onStartFailure,
        @DefaultValue("keep") GroupPolicies.OnUndeclared onUndeclared,
        @Nullable Duration groupRestartDelay,
        @DefaultValue("report") OnStuckChild onStuckChild,
        @DefaultValue Poison poison,
        @DefaultValue("balanced") LeaseTimings.Profile profile,
        @Nullable Duration lease,
        @Nullable Duration renewInterval,
        @Nullable Duration stopBound,
        @DefaultValue("auto") SessionHints sessionHints,
        @DefaultValue("30s") Duration callTimeout,
        @DefaultValue("strict") Startup startup,
        @Nullable String label,
        @DefaultValue Schema schema,
        @DefaultValue Datasource datasource,
        @DefaultValue Fencing fencing,
        @DefaultValue History history) {

    /**
     * One group. What is left out is taken from the settings of the same name above.
     *
     * @param strategy Which siblings are restarted together with a child of this group.
     * @param intensity How many restarts within the period this group survives on one peer.
     * @param period Window in which restarts of this group count towards the intensity.
     * @param restartDelay How long restarts in this group wait once the intensity is used up. Zero is plain OTP.
     * @param restartDelayMax What the delay of a child of this group that no instance can start grows to.
     * @param autoShutdown Which ends of significant children end this group.
     * @param onIntensityExceeded What ends when there was one restart too many in this group.
     * @param onEmptyGroup What the first member of this group does with the children of former members.
     * @param onStartFailure What a declared child of this group that cannot be started when this peer starts means for
     *     it.
     * @param onUndeclared What becomes of a declared child of this group that no live instance declares any more.
     * @param groupRestartDelay How long after it used up its intensity this group is revived by itself.
     */
    record Group(
            @Nullable Strategy strategy,
            @Nullable Integer intensity,
            @Nullable Duration period,
            @Nullable Duration restartDelay,
            @Nullable Duration restartDelayMax,
            GroupPolicies.@Nullable AutoShutdown autoShutdown,
            @Nullable OnIntensityExceeded onIntensityExceeded,
            GroupPolicies.@Nullable OnEmptyGroup onEmptyGroup,
            GroupPolicies.@Nullable OnStartFailure onStartFailure,
            GroupPolicies.@Nullable OnUndeclared onUndeclared,
            @Nullable Duration groupRestartDelay) {}

    /**
     * Children that take their process down.
     *
     * @param maxCrashes How many processes in a row may die within a lease of a child's start before it is quarantined.
     *     At least 2, so that it can be told from others; zero turns it off.
     */
    record Poison(@DefaultValue("3") int maxCrashes) {}

    /**
     * The schema.
     *
     * @param migrate Whether to create and update the schema at start-up. Otherwise it is only checked.
     */
    record Schema(@DefaultValue("true") boolean migrate) {}

    /**
     * Connections that do not go where the application's own go, to bypass a pooler in front of the same database.
     *
     * @param url JDBC URL of the database itself. By default the application's.
     * @param username User of the URL. By default the application's, with its password.
     * @param password Password of the user. Asked for at each attempt to connect, as a property source may rotate it.
     */
    record Datasource(
            @Nullable String url,
            @Nullable String username,
            @Nullable String password) {

        /** Without the password and whatever the URL's parameters hold. */
        @Override
        public String toString() {
            return "Datasource[" + (url == null ? "" : JdbcUrls.shown(url)) + "]";
        }
    }

    /**
     * Fenced transactions.
     *
     * @param transactionManager Name of the bean whose transactions are fenced. By default the one on the marked data
     *     source, the only or the primary one.
     */
    record Fencing(@Nullable String transactionManager) {}

    /**
     * The history.
     *
     * @param retention How long entries are kept.
     */
    record History(@DefaultValue("7d") Duration retention) {}
}
