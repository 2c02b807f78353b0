package io.github.mirroredsupervisor.internal.postgres.announcements;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.postgres.values.StorableText;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What happened, for people. It does not contain restarts in place: counters and events report them. No essential task
 * writes here: {@link ChangeAnnouncer} does, after the change is committed.
 */
public final class HistoryTable {

    // An entry may have waited to be written, so its time is computed backwards from now.
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

    // Starts where the last part ended: deleted rows stay in the index until the vacuum, and every part would scan them
    // again. Deletes by the rows' physical place, so that no plan reads the whole table.
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
     * Sets the identity above the existing rows: a copy of a database may contain the rows without the sequence's
     * state.
     */
    public void catchUp(JdbcClient jdbc) {
        jdbc.sql(CATCH_UP).query(Long.class).optional();
    }

    /**
     * Deletes the oldest entries, as one statement.
     *
     * @param from where the last call ended; null for the first call
     * @param most the maximum number of entries
     */
    public Purged purge(JdbcClient jdbc, Duration olderThan, @Nullable OffsetDateTime from, int most) {
        return jdbc.sql(PURGE)
                .param("from", from == null ? BEGINNING : from.toString())
                .param("age", (double) olderThan.toMillis())
                .param("most", most)
                .query((row, number) -> new Purged(row.getInt("rows"), row.getObject("last", OffsetDateTime.class)))
                .single();
    }

    /** The kinds of events. */
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

    /** A child with the token and the owner before or after the event; all null for the group as a whole. */
    public record Entry(
            @Nullable String childId,
            @Nullable Long token,
            @Nullable PeerId from) {

        public static final Entry GROUP = new Entry(null, null, null);

        /** About children, whatever their tokens and owners are. */
        public static List<Entry> ofChildren(Collection<String> ids) {
            return ids.stream().map(id -> new Entry(id, null, null)).toList();
        }

        /** An event about a peer. */
        public static Entry of(PeerId peer) {
            return new Entry(null, null, peer);
        }
    }

    /**
     * One event about some children of a group, or about a peer of it.
     *
     * @param at the time, by {@link System#nanoTime()}
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

    /** One row to write. */
    public record Row(Event event, Entry entry) {}

    /**
     * The result of a purge.
     *
     * @param last the time of the newest entry that was deleted; null if none was deleted
     */
    public record Purged(int rows, @Nullable OffsetDateTime last) {}
}
