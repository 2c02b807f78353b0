package io.github.mirroredsupervisor.postgres;

import io.github.mirroredsupervisor.mirror.GroupRow;
import io.github.mirroredsupervisor.mirror.GroupSettings;
import io.github.mirroredsupervisor.supervision.Strategy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
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
            insert into mirrored_supervisor.supervision_group (name, strategy, intensity, period_ms)
            values (:name, :strategy, :intensity, :period)
            on conflict do nothing
            """;

    private static final String LOCK = """
            select name
            from mirrored_supervisor.supervision_group
            where name = any (:names)
            order by name
            for no key update
            """;

    private static final String CONFIGURE_EMPTY = """
            update mirrored_supervisor.supervision_group g
            set strategy = :strategy, intensity = :intensity, period_ms = :period, changed_at = clock_timestamp()
            where g.name = :name
              and (g.strategy, g.intensity, g.period_ms) is distinct from (:strategy, :intensity, :period)
              and not exists (
                  select
                  from mirrored_supervisor.member m
                  join mirrored_supervisor.peer p on p.id = m.peer_id
                  where m.group_name = g.name and p.state = 'ALIVE' and p.id <> :joining)
            """;

    private static final String TOUCH = """
            with touched as (
                update mirrored_supervisor.supervision_group
                set revision = revision + 1
                where name = any (:names)
                returning name
            )
            select pg_notify(:channel, :payload) from touched limit 1
            """;

    private static final String RAISE = """
            update mirrored_supervisor.supervision_group
            set revision = revision + 1
            where name = any (:names)
            """;

    private static final String NOTIFY = "select pg_notify(:channel, :payload)";

    private static final String TERMINATE = """
            update mirrored_supervisor.supervision_group
            set state = 'TERMINATED', reason = :reason, changed_at = clock_timestamp()
            where name = :name and state = 'ACTIVE'
            """;

    private static final String REVIVE = """
            update mirrored_supervisor.supervision_group
            set state = 'ACTIVE', reason = null, changed_at = clock_timestamp()
            where name = :name and state = 'TERMINATED'
            """;

    private static final String FIND = """
            select name, state, reason, strategy, intensity, period_ms, revision
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

    /** Gives a group that has no live member but the joining one that one's flags. The row must be locked. */
    void configureIfEmpty(JdbcClient jdbc, GroupSettings settings, Object joining) {
        flags(jdbc.sql(CONFIGURE_EMPTY), settings).param("joining", joining).update();
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

    boolean terminate(JdbcClient jdbc, String name, String reason) {
        return jdbc.sql(TERMINATE)
                        .param("name", Texts.clean(name))
                        .param("reason", Texts.storable(reason))
                        .update()
                == 1;
    }

    boolean revive(JdbcClient jdbc, String name) {
        return jdbc.sql(REVIVE).param("name", Texts.clean(name)).update() == 1;
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
                .param("period", settings.period().toMillis());
    }

    private static GroupRow group(ResultSet row) throws SQLException {
        return new GroupRow(
                row.getString("name"),
                row.getString("state").equals("TERMINATED"),
                row.getString("reason"),
                Strategy.valueOf(row.getString("strategy")),
                row.getInt("intensity"),
                Duration.ofMillis(row.getLong("period_ms")),
                row.getLong("revision"));
    }
}
