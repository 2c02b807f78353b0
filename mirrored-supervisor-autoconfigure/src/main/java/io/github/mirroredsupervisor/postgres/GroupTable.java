package io.github.mirroredsupervisor.postgres;

import io.github.mirroredsupervisor.mirror.GroupPolicies.AutoShutdown;
import io.github.mirroredsupervisor.mirror.GroupRow;
import io.github.mirroredsupervisor.mirror.GroupRow.Cause;
import io.github.mirroredsupervisor.mirror.GroupRow.Death;
import io.github.mirroredsupervisor.mirror.GroupRow.Flags;
import io.github.mirroredsupervisor.mirror.GroupSettings;
import io.github.mirroredsupervisor.supervision.OnIntensityExceeded;
import io.github.mirroredsupervisor.supervision.Strategy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The groups, and the revision by which every renewal sees that there is something to do. Every transaction locks rows of children
 * first and rows of groups last, the latter by name, so that no two can wait for each other.
 *
 * <p>Locking and changing are separate statements wherever several rows are locked in order. In one statement the change would look
 * for the row as it was before the lock was waited for, and queue behind somebody who waits for this very transaction.
 */
final class GroupTable {

    private static final String INSERT = """
            insert into mirrored_supervisor.supervision_group
                (name, strategy, intensity, period_ms, auto_shutdown, on_intensity_exceeded)
            values (:name, :strategy, :intensity, :period, :autoShutdown, :onIntensityExceeded)
            on conflict do nothing
            """;

    private static final String LOCK = """
            select name
            from mirrored_supervisor.supervision_group
            where name = any (:names)
            order by name
            for no key update
            """;

    private static final String HAS_MEMBERS = """
            select exists (
                select
                from mirrored_supervisor.member m
                join mirrored_supervisor.peer p on p.id = m.peer_id
                where m.group_name = :name and p.state = 'ALIVE' and p.id <> :joining)
            """;

    private static final String CONFIGURE = """
            update mirrored_supervisor.supervision_group
            set strategy = :strategy, intensity = :intensity, period_ms = :period, auto_shutdown = :autoShutdown,
                on_intensity_exceeded = :onIntensityExceeded, changed_at = pg_catalog.clock_timestamp()
            where name = :name
              and (strategy, intensity, period_ms, auto_shutdown, on_intensity_exceeded)
                  is distinct from (:strategy, :intensity, :period, :autoShutdown, :onIntensityExceeded)
            """;

    private static final String TOUCH = """
            with touched as (
                update mirrored_supervisor.supervision_group
                set revision = NEXT_REVISION
                where name = any (:names)
                returning name
            )
            select pg_catalog.pg_notify(:channel, :payload) from touched limit 1
            """.replace("NEXT_REVISION", Absurd.raised("revision"));

    private static final String RAISE = """
            update mirrored_supervisor.supervision_group
            set revision = NEXT_REVISION
            where name = any (:names)
            """.replace("NEXT_REVISION", Absurd.raised("revision"));

    private static final String NOTIFY = "select pg_catalog.pg_notify(:channel, :payload)";

    private static final String TERMINATE = """
            update mirrored_supervisor.supervision_group
            set state = 'TERMINATED', ended_by = :cause, reason = :reason, changed_at = pg_catalog.clock_timestamp()
            where name = :name and state = 'ACTIVE'
            """;

    private static final String REVIVE = """
            update mirrored_supervisor.supervision_group
            set state = 'ACTIVE', ended_by = null, reason = null, changed_at = pg_catalog.clock_timestamp()
            where name = :name and state = 'TERMINATED' and changed_at = coalesce(:since::timestamptz, changed_at)
            """;

    private static final String FIND = """
            select name, state, ended_by, reason, changed_at, strategy, intensity, period_ms, auto_shutdown,
                   on_intensity_exceeded, revision
            from mirrored_supervisor.supervision_group
            where name = any (:names)
            order by name
            """;

    void insertIfMissing(JdbcClient jdbc, GroupSettings settings) {
        flags(jdbc.sql(INSERT), settings).update();
    }

    void lock(JdbcClient jdbc, Collection<String> names) {
        jdbc.sql(LOCK)
                .param("names", names.toArray(String[]::new))
                .query(String.class)
                .list();
    }

    /** Whether the group has a live member besides the joining one. While its row is locked nobody else joins. */
    boolean hasMembers(JdbcClient jdbc, String name, UUID joining) {
        return jdbc.sql(HAS_MEMBERS)
                .param("name", name)
                .param("joining", joining)
                .query(Boolean.class)
                .single();
    }

    void configure(JdbcClient jdbc, GroupSettings settings) {
        flags(jdbc.sql(CONFIGURE), settings).update();
    }

    /** Raises the revisions and sends one hint; the last statement of its transaction. */
    void touch(JdbcClient jdbc, Collection<String> names, String hint) {
        if (names.size() > 1) {
            lock(jdbc, names);
        }
        jdbc.sql(TOUCH)
                .param("names", names.toArray(String[]::new))
                .param("channel", Hints.CHANNEL)
                .param("payload", hint)
                .query((row, number) -> number)
                .list();
    }

    /** As {@link #touch}, for what others need to see only with their next renewal. */
    void touchQuietly(JdbcClient jdbc, Collection<String> names) {
        if (names.size() > 1) {
            lock(jdbc, names);
        }
        jdbc.sql(RAISE).param("names", names.toArray(String[]::new)).update();
    }

    /** Sends a hint for somebody who waits, without a change that members have to act on. */
    void hint(JdbcClient jdbc, String hint) {
        jdbc.sql(NOTIFY)
                .param("channel", Hints.CHANNEL)
                .param("payload", hint)
                .query((row, number) -> number)
                .list();
    }

    boolean terminate(JdbcClient jdbc, String name, Cause cause, String reason) {
        return jdbc.sql(TERMINATE)
                        .param("name", Texts.clean(name))
                        .param("cause", cause.name())
                        .param("reason", Texts.storable(reason))
                        .update()
                == 1;
    }

    /** Revives a terminated group; only from that death, if one is given. */
    boolean revive(JdbcClient jdbc, String name, @Nullable Death from) {
        return jdbc.sql(REVIVE)
                        .param("name", Texts.clean(name))
                        .param("since", from == null ? null : from.at().atOffset(ZoneOffset.UTC))
                        .update()
                == 1;
    }

    Optional<GroupRow> find(JdbcClient jdbc, String name) {
        return find(jdbc, List.of(name)).stream().findFirst();
    }

    List<GroupRow> find(JdbcClient jdbc, Collection<String> names) {
        return jdbc.sql(FIND)
                .param("names", names.stream().map(Texts::clean).toArray(String[]::new))
                .query((row, number) -> group(row))
                .list();
    }

    private static JdbcClient.StatementSpec flags(JdbcClient.StatementSpec statement, GroupSettings settings) {
        return statement
                .param("name", settings.name())
                .param("strategy", settings.strategy().name())
                .param("intensity", settings.intensity())
                .param("period", settings.period().toMillis())
                .param("autoShutdown", settings.policies().autoShutdown().name())
                .param(
                        "onIntensityExceeded",
                        settings.policies().onIntensityExceeded().name());
    }

    /** A value that makes no sense counts as the default: the group runs on. */
    private static GroupRow group(ResultSet row) throws SQLException {
        Flags flags = new Flags(
                Rows.constant(row.getString("strategy"), Strategy.ONE_FOR_ONE),
                Math.max(0, row.getInt("intensity")),
                Absurd.duration(row.getLong("period_ms")),
                Rows.constant(row.getString("auto_shutdown"), AutoShutdown.NEVER),
                Rows.constant(row.getString("on_intensity_exceeded"), OnIntensityExceeded.TERMINATE_GROUP));
        return new GroupRow(row.getString("name"), flags, death(row), row.getLong("revision"));
    }

    /** A hand may have terminated the group without saying why. */
    private static @Nullable Death death(ResultSet row) throws SQLException {
        if (!row.getString("state").equals("TERMINATED")) {
            return null;
        }
        String cause = row.getString("ended_by");
        String reason = row.getString("reason");
        return new Death(
                Rows.constant(cause, Cause.INTENSITY_EXCEEDED),
                reason == null ? "unknown" : reason,
                Rows.instant(row, "changed_at"));
    }
}
