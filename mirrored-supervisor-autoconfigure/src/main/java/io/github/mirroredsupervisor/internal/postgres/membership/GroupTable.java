package io.github.mirroredsupervisor.internal.postgres.membership;

import io.github.mirroredsupervisor.internal.postgres.values.Absurd;
import io.github.mirroredsupervisor.internal.postgres.values.Columns;
import io.github.mirroredsupervisor.internal.postgres.values.StorableText;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.AutoShutdown;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Cause;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Death;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Flags;
import io.github.mirroredsupervisor.internal.supervision.values.OnIntensityExceeded;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The groups, and the revision by which every renewal sees that there is something to do. Only changes of a group
 * itself wait for its row: its end, its revival, and the founding of an empty one. Everything else continues while
 * another session keeps that row locked.
 *
 * <p>Locking and changing are separate statements wherever rows are waited for in order. A single statement would look
 * for the row as it was before the lock wait, and queue behind a session that waits for this very transaction.
 */
public final class GroupTable {

    private static final String COLUMNS = """
            name, state, ended_by, reason, changed_at, strategy, intensity, period_ms, auto_shutdown,
            on_intensity_exceeded, revision""";

    // The revision exceeds all that members may have seen in a deleted row of the group. Otherwise they would conclude
    // that the database went back in time.
    private static final String INSERT = """
            insert into mirrored_supervisor.supervision_group
                (name, strategy, intensity, period_ms, auto_shutdown, on_intensity_exceeded, revision)
            select :name, :strategy, :intensity, :period, :autoShutdown, :onIntensityExceeded,
                   (extract(epoch from pg_catalog.clock_timestamp()) * 1000::numeric)::bigint
            where not exists (select from mirrored_supervisor.supervision_group g where g.name = :name)
            on conflict do nothing
            """;

    private static final String HAS_MEMBERS = """
            select exists (
                select
                from mirrored_supervisor.member m
                join mirrored_supervisor.peer p on p.id = m.peer_id
                where m.group_name = :name and p.state = 'ALIVE' and p.id <> :joining)
            """;

    // Not together with the query for members: a statement that may lock a row waits for whoever has locked the table.
    private static final String LOCK = """
            select name
            from mirrored_supervisor.supervision_group
            where name = :name
            for no key update skip locked
            """;

    private static final String CONFIGURE = """
            update mirrored_supervisor.supervision_group
            set strategy = :strategy, intensity = :intensity, period_ms = :period, auto_shutdown = :autoShutdown,
                on_intensity_exceeded = :onIntensityExceeded, changed_at = pg_catalog.clock_timestamp()
            where name = :name
              and (strategy, intensity, period_ms, auto_shutdown, on_intensity_exceeded)
                  is distinct from (:strategy, :intensity, :period, :autoShutdown, :onIntensityExceeded)
            """;

    private static final String CONFIGURE_IF_ALONE =
            """
            with others as materialized (HAS_MEMBERS), configured as (CONFIGURE and not (select o.exists from others o))
            select not o.exists from others o
            """.replace("HAS_MEMBERS", HAS_MEMBERS).replace("CONFIGURE", CONFIGURE);

    // The update does not wait for these rows, as the same statement has locked them. The condition is checked again on
    // the row that is locked.
    private static final String RAISE = """
            with seen as materialized (
                select s.name, s.revision from unnest(:names::text[], :revisions::bigint[]) as s (name, revision)
            ), free as materialized (
                select g.name
                from mirrored_supervisor.supervision_group g
                join seen s on s.name = g.name
                where g.revision <= s.revision
                order by g.name
                for no key update of g skip locked
            ), raised as (
                update mirrored_supervisor.supervision_group g
                set revision = NEXT_REVISION
                from free
                where g.name = free.name
                returning g.name
            )
            select g.name, g.revision
            from mirrored_supervisor.supervision_group g
            join seen s on s.name = g.name
            where g.revision <= s.revision and not exists (select from raised r where r.name = g.name)
            """.replace("NEXT_REVISION", Absurd.raised("g.revision"));

    private static final String REVISIONS = """
            select name, revision from mirrored_supervisor.supervision_group where name = any (:names)
            """;

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
            select COLUMNS
            from mirrored_supervisor.supervision_group
            where name = any (:names)
            order by name
            """.replace("COLUMNS", COLUMNS);

    public void insertIfMissing(JdbcClient jdbc, String name, Flags flags) {
        flags(jdbc.sql(INSERT), name, flags).update();
    }

    /** Locks the group, unless another session keeps it locked. Does not wait. Returns whether it is locked now. */
    public boolean lock(JdbcClient jdbc, String name) {
        return jdbc.sql(LOCK).param("name", name).query(String.class).optional().isPresent();
    }

    /** Whether the group has a committed live member besides the joining one. */
    public boolean hasMembers(JdbcClient jdbc, String name, UUID joining) {
        return jdbc.sql(HAS_MEMBERS)
                .param("name", name)
                .param("joining", joining)
                .query(Boolean.class)
                .single();
    }

    public void configure(JdbcClient jdbc, String name, Flags flags) {
        flags(jdbc.sql(CONFIGURE), name, flags).update();
    }

    /** {@link #configure}, if {@link #hasMembers} would return false. Returns whether it would. */
    public boolean configureIfAlone(JdbcClient jdbc, String name, Flags flags, UUID joining) {
        return flags(jdbc.sql(CONFIGURE_IF_ALONE), name, flags)
                .param("joining", joining)
                .query(Boolean.class)
                .single();
    }

    /** The revisions of those groups that exist. */
    public Map<String, Long> revisions(JdbcClient jdbc, Collection<String> names) {
        Map<String, Long> revisions = new HashMap<>();
        jdbc.sql(REVISIONS).param("names", names.toArray(String[]::new)).query((RowCallbackHandler)
                row -> revisions.put(row.getString("name"), row.getLong("revision")));
        return revisions;
    }

    /**
     * Raises the revisions of the groups that no other session keeps locked, without waiting. Returns the others that
     * exist, with their revisions.
     *
     * @param seen the revision above which another session has raised it already, by group
     */
    public Map<String, Long> raiseUnlocked(JdbcClient jdbc, Map<String, Long> seen) {
        Map<String, Long> locked = new HashMap<>();
        jdbc.sql(RAISE)
                .param("names", seen.keySet().toArray(String[]::new))
                .param("revisions", seen.values().toArray(Long[]::new))
                .query((RowCallbackHandler) row -> locked.put(row.getString("name"), row.getLong("revision")));
        return locked;
    }

    public boolean terminate(JdbcClient jdbc, String name, Cause cause, String reason) {
        return jdbc.sql(TERMINATE)
                        .param("name", StorableText.clean(name))
                        .param("cause", cause.name())
                        .param("reason", StorableText.storable(reason))
                        .update()
                == 1;
    }

    /** Revives a terminated group; if a death is given, only if the group ended by that one. */
    public boolean revive(JdbcClient jdbc, String name, @Nullable Death from) {
        return jdbc.sql(REVIVE)
                        .param("name", StorableText.clean(name))
                        .param("since", from == null ? null : from.at().atOffset(ZoneOffset.UTC))
                        .update()
                == 1;
    }

    public Optional<GroupRow> find(JdbcClient jdbc, String name) {
        return find(jdbc, List.of(name)).stream().findFirst();
    }

    public List<GroupRow> find(JdbcClient jdbc, Collection<String> names) {
        return jdbc.sql(FIND)
                .param("names", names.stream().map(StorableText::clean).toArray(String[]::new))
                .query((row, number) -> group(row))
                .list();
    }

    private static JdbcClient.StatementSpec flags(JdbcClient.StatementSpec statement, String name, Flags flags) {
        return statement
                .param("name", name)
                .param("strategy", flags.strategy().name())
                .param("intensity", flags.intensity())
                .param("period", flags.period().toMillis())
                .param("autoShutdown", flags.autoShutdown().name())
                .param("onIntensityExceeded", flags.onIntensityExceeded().name());
    }

    /** A value that makes no sense counts as the default: the group stays active. */
    private static GroupRow group(ResultSet row) throws SQLException {
        Flags flags = new Flags(
                Columns.constant(row.getString("strategy"), Strategy.ONE_FOR_ONE),
                Math.max(0, row.getInt("intensity")),
                Absurd.duration(row.getLong("period_ms")),
                Columns.constant(row.getString("auto_shutdown"), AutoShutdown.NEVER),
                Columns.constant(row.getString("on_intensity_exceeded"), OnIntensityExceeded.TERMINATE_GROUP));
        return new GroupRow(row.getString("name"), flags, death(row), row.getLong("revision"));
    }

    /** A manual change may have terminated the group without a reason. */
    private static @Nullable Death death(ResultSet row) throws SQLException {
        if (!row.getString("state").equals("TERMINATED")) {
            return null;
        }
        String cause = row.getString("ended_by");
        String reason = row.getString("reason");
        return new Death(
                Columns.constant(cause, Cause.INTENSITY_EXCEEDED),
                reason == null ? "unknown" : reason,
                Columns.instant(row, "changed_at"));
    }
}
