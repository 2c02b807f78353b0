package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.internal.lease.LeaseTimings;
import io.github.mirroredsupervisor.internal.lease.OnStuckChild;
import io.github.mirroredsupervisor.internal.lease.Startup;
import io.github.mirroredsupervisor.internal.postgres.sessions.SessionHints;
import io.github.mirroredsupervisor.internal.postgres.source.JdbcUrls;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.supervision.values.OnIntensityExceeded;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the mirrored supervisor. {@link SupervisorSettings} refuses contradictions between them.
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
 * @param restartDelayMax Longest restart delay of a child that no instance can start. The delay doubles with each round
 *     up to this limit. By default five minutes, or the restart delay if that is longer.
 * @param concurrentStarts How many children of a group a peer starts at the same time under one-for-one. Declared
 *     children start one after another.
 * @param autoShutdown Which ends of significant children end the group.
 * @param onIntensityExceeded What ends when the intensity is exceeded and the restart delay is zero.
 * @param onEmptyGroup What the first member of a group does with the children of former members.
 * @param onStartFailure What this peer does when a declared child fails to start during the peer's start.
 * @param onUndeclared What happens to a declared child that no live instance declares any more. The value remove
 *     removes it after ten leases.
 * @param groupRestartDelay How long after exceeding its intensity a group is revived automatically. By default it is
 *     not revived.
 * @param onStuckChild What happens to the process when a child does not end after it was told to stop.
 * @param poison Protection against a child that takes down every process that runs it.
 * @param profile Choice between fast takeover and patience with the database; sets the lease.
 * @param lease How long the other peers wait, from the last renewal they saw, before they take over. By default the
 *     profile's.
 * @param renewInterval How often the lease is renewed. By default a fifth of the lease.
 * @param stopBound How long children may take to end when the lease cannot be renewed. By default a sixth of the lease.
 * @param sessionHints Whether children with takeover IMMEDIATE run elsewhere as soon as their peer's database session
 *     ends, rather than when its lease does.
 * @param callTimeout How long a call of a supervisor waits for the answer of the peer that owns the child.
 * @param startup Whether the application starts if this peer cannot join. With lenient it starts, and the peer joins
 *     when it can.
 * @param label Display name of this peer. By default host name and process id.
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
        @DefaultValue("" + GroupSettings.CONCURRENT_STARTS) int concurrentStarts,
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
     * One group. A setting that is left out has the value of the setting of the same name for all groups.
     *
     * @param strategy Which siblings are restarted together with a child of this group.
     * @param intensity How many restarts within the period this group survives on one peer.
     * @param period Window in which restarts of this group count towards the intensity.
     * @param restartDelay How long restarts in this group wait once the intensity is used up. Zero is plain OTP.
     * @param restartDelayMax Longest restart delay of a child of this group that no instance can start.
     * @param concurrentStarts How many children of this group a peer starts at the same time under one-for-one.
     * @param autoShutdown Which ends of significant children end this group.
     * @param onIntensityExceeded What ends when the intensity of this group is exceeded and its restart delay is zero.
     * @param onEmptyGroup What the first member of this group does with the children of former members.
     * @param onStartFailure What this peer does when a declared child of this group fails to start during the peer's
     *     start.
     * @param onUndeclared What happens to a declared child of this group that no live instance declares any more.
     * @param groupRestartDelay How long after exceeding its intensity this group is revived automatically.
     */
    record Group(
            @Nullable Strategy strategy,
            @Nullable Integer intensity,
            @Nullable Duration period,
            @Nullable Duration restartDelay,
            @Nullable Duration restartDelayMax,
            @Nullable Integer concurrentStarts,
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
     *     At least 2, because one death does not show which child caused it. Zero turns this off.
     */
    record Poison(@DefaultValue("3") int maxCrashes) {}

    /**
     * The schema.
     *
     * @param migrate Whether to create and update the schema at start-up. Otherwise it is only checked.
     */
    record Schema(@DefaultValue("true") boolean migrate) {}

    /**
     * The supervisor's own way to the database, for example to bypass a pooler in front of it.
     *
     * @param url JDBC URL of the database itself. By default the application's.
     * @param username User of the URL. By default the application's, with its password.
     * @param password Password of the user. Read at each attempt to connect, because a property source may rotate it.
     */
    record Datasource(
            @Nullable String url,
            @Nullable String username,
            @Nullable String password) {

        /** Leaves out the password and the values of the URL's parameters. */
        @Override
        public String toString() {
            return "Datasource[" + (url == null ? "" : JdbcUrls.shown(url)) + "]";
        }
    }

    /**
     * Fenced transactions.
     *
     * @param transactionManager Name of the bean whose transactions are fenced. By default the one on the marked data
     *     source, or else the only or the primary one.
     */
    record Fencing(@Nullable String transactionManager) {}

    /**
     * The history.
     *
     * @param retention How long entries are kept.
     */
    record History(@DefaultValue("7d") Duration retention) {}
}
