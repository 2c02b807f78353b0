package io.github.mirroredsupervisor.internal.postgres.tables;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.postgres.sessions.ChangeAnnouncer;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What happened, for people. Restarts in place are not in it: counters and events tell of them. Nothing that must
 * happen writes here: {@link ChangeAnnouncer} does, after the change is committed.
 */
public final class HistoryTable {

    // An entry may have waited to be written, so its time counts back from now.
    private static final String INSERT = """
            insert into mirrored_supervisor.history
                (at, group_name, what, child_id, token, from_peer, to_peer, why)
            select pg_catalog.clock_timestamp() - e.age * interval '1 millisecond',
                   e.group_name, e.what, e.child_id, e.token, e.from_peer, e.to_peer, e.why
            from unnest(cast(:ages as double precision[]), cast(:groups as text[]), cast(:whats as text[]),
                        cast(:children as text[]), cast(:tokens as bigint[]), cast(cast(:from as text[]) as uuid[]),
                        cast(cast(:to as text[]) as uuid[]), cast(:whys as text[]))
                as e (age, group_name, what, child_id, token, from_peer, to_peer, why)
            """;

    private static final String CATCH_UP = """
            select pg_catalog.setval(
                cast(pg_catalog.pg_get_serial_sequence('mirrored_supervisor.history', 'id') as regclass),
                (select h.id from mirrored_supervisor.history h order by h.id desc limit 1))
            """;

    // From where the last part ended: what is deleted stays in the index until it is vacuumed, and every part would
    // pass over it again. By the place of the rows, so that no plan reads the whole table.
    private static final String PURGE = """
            with old as materialized (
                select h.ctid as place, h.at
                from mirrored_supervisor.history h
                where h.at >= cast(:from as timestamptz)
                  and h.at < pg_catalog.clock_timestamp()
                             - cast(:age as double precision) * interval '1 millisecond'
                order by h.at
                limit :most
                for update skip locked
            ), gone as (
                delete from mirrored_supervisor.history
                where ctid = any (array(select place from old))
            )
            select pg_catalog.count(*) as rows, pg_catalog.max(at) as last from old
            """;

    private static final String BEGINNING = "-infinity";

    public void insert(JdbcClient jdbc, Collection<Row> rows, long now) {
        jdbc.sql(INSERT)
                .param(
                        "ages",
                        rows.stream()
                                .map(row -> Math.max(0, (now - row.event().at()) / 1e6))
                                .toArray(Double[]::new))
                .param("groups", texts(rows, row -> row.event().group()))
                .param("whats", texts(rows, row -> row.event().what().name()))
                .param("children", texts(rows, row -> row.entry().childId()))
                .param("tokens", rows.stream().map(row -> row.entry().token()).toArray(Long[]::new))
                .param("from", texts(rows, row -> text(row.entry().from())))
                .param("to", texts(rows, row -> text(row.event().to())))
                .param(
                        "whys",
                        texts(rows, row -> StorableText.storable(row.event().why())))
                .update();
    }

    private static @Nullable String[] texts(Collection<Row> rows, Function<Row, @Nullable String> column) {
        return rows.stream().map(column).toArray(String[]::new);
    }

    private static @Nullable String text(@Nullable PeerId peer) {
        return peer == null ? null : peer.toString();
    }

    /**
     * Lets the identity go on above the rows that are there: a copy of a database may have brought those without it.
     */
    public void catchUp(JdbcClient jdbc) {
        jdbc.sql(CATCH_UP).query(Long.class).optional();
    }

    /**
     * Deletes the oldest entries, as one statement.
     *
     * @param from where the last call ended; null for the first
     * @param most how many at most
     */
    public Purged purge(JdbcClient jdbc, Duration olderThan, @Nullable OffsetDateTime from, int most) {
        return jdbc.sql(PURGE)
                .param("from", from == null ? BEGINNING : from.toString())
                .param("age", (double) olderThan.toMillis())
                .param("most", most)
                .query((row, number) -> new Purged(row.getInt("rows"), row.getObject("last", OffsetDateTime.class)))
                .single();
    }

    /** The kinds of things that happen. */
    public enum What {
        JOINED,
        LEFT,
        DIED,
        CREATED,
        COMMANDED,
        MOVE_REQUESTED,
        GRANTED,
        RELEASED,
        REMOVED,
        QUARANTINED,
        DELETED,
        GROUP_TERMINATED,
        GROUP_REVIVED
    }

    /** A child with the token and the owner that it had or got; all null for the group as a whole. */
    public record Entry(
            @Nullable String childId,
            @Nullable Long token,
            @Nullable PeerId from) {

        public static final Entry GROUP = new Entry(null, null, null);

        /** Something that happened to a peer. */
        public static Entry of(PeerId peer) {
            return new Entry(null, null, peer);
        }
    }

    /**
     * One thing that happened to some children of a group, or to a peer of it.
     *
     * @param at when, by {@link System#nanoTime()}
     */
    public record Event(
            What what,
            String group,
            List<Entry> entries,
            @Nullable PeerId to,
            @Nullable String why,
            long at) {

        public static Event now(
                What what, String group, List<Entry> entries, @Nullable PeerId to, @Nullable String why) {
            return new Event(what, group, entries, to, why, System.nanoTime());
        }
    }

    /** What becomes one row. */
    public record Row(Event event, Entry entry) {}

    /**
     * What a purge has done.
     *
     * @param last the time of the newest entry that it deleted; null if there was none
     */
    public record Purged(int rows, @Nullable OffsetDateTime last) {}
}
