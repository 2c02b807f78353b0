package io.github.mirroredsupervisor.postgres;

import io.github.mirroredsupervisor.PeerId;
import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What happened, for people. Restarts in place are not in it: counters and events tell of them. */
final class HistoryTable {

    private static final String INSERT = """
            insert into mirrored_supervisor.history (group_name, what, child_id, token, from_peer, to_peer, why)
            select :group, :what, e.child_id, e.token, e.from_peer, :to::uuid, :why::text
            from unnest(:children::text[], :tokens::bigint[], cast(:from as text[])::uuid[]) as e (child_id, token, from_peer)
            """;

    private static final String INSERT_PEER_EVENT = """
            insert into mirrored_supervisor.history (group_name, what, from_peer, to_peer)
            select m.group_name, :what, m.peer_id, :by::uuid
            from mirrored_supervisor.member m
            where m.peer_id = :peer
            """;

    private static final String PURGE = """
            delete from mirrored_supervisor.history
            where id in (
                select id
                from mirrored_supervisor.history
                where at < pg_catalog.clock_timestamp() - :age * interval '1 millisecond'
                for update skip locked)
            """;

    /** One thing that happened to some children of a group. */
    void add(
            JdbcClient jdbc,
            What what,
            String group,
            Collection<Entry> entries,
            @Nullable PeerId to,
            @Nullable String why) {
        jdbc.sql(INSERT)
                .param("group", group)
                .param("what", what.name())
                .param("children", entries.stream().map(Entry::childId).toArray(String[]::new))
                .param("tokens", entries.stream().map(Entry::token).toArray(Long[]::new))
                .param("from", entries.stream().map(Entry::fromText).toArray(String[]::new))
                .param("to", to == null ? null : to.value())
                .param("why", Texts.storable(why))
                .update();
    }

    /** One thing that happened to a peer, in each of its groups. */
    void addOfPeer(JdbcClient jdbc, What what, PeerId peer, @Nullable PeerId by) {
        jdbc.sql(INSERT_PEER_EVENT)
                .param("what", what.name())
                .param("peer", peer.value())
                .param("by", by == null ? null : by.value())
                .update();
    }

    int purge(JdbcClient jdbc, Duration olderThan) {
        return jdbc.sql(PURGE).param("age", olderThan.toMillis()).update();
    }

    /** The kinds of things that happen. */
    enum What {
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
    record Entry(
            @Nullable String childId,
            @Nullable Long token,
            @Nullable PeerId from) {

        static final Entry GROUP = new Entry(null, null, null);

        @Nullable
        String fromText() {
            return from == null ? null : from.toString();
        }
    }
}
