package io.github.mirroredsupervisor.internal.postgres.sessions;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.internal.postgres.connection.Connector;
import io.github.mirroredsupervisor.internal.postgres.connection.PrivateConnection;
import io.github.mirroredsupervisor.internal.postgres.connection.Timeouts;
import io.github.mirroredsupervisor.internal.postgres.membership.ConfirmedRenewal;
import io.github.mirroredsupervisor.internal.postgres.server.ServerIdentity;
import io.github.mirroredsupervisor.internal.postgres.values.Absurd;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import io.github.mirroredsupervisor.internal.store.rows.Renewal.GroupBeat;
import io.github.mirroredsupervisor.internal.store.rows.Renewal.PeerBeat;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The renew connection. One statement raises this peer's counter and reads those of the peers that it watches as of its
 * beginning. That is early enough: an observer counts from the moment the answer arrived (protocol rules 2 and 3). The
 * statement also publishes the lock that the listen session holds.
 */
final class PostgresRenewalSession implements RenewalSession {

    // The flag is whether the own row was ALIVE at the beginning, or whether the group is terminated.
    // Each part of the watched peers is read by the index of live peers, so the costs do not grow with the number of
    // peers (protocol rule 3b). The predecessor that is read twice counts once.
    // The predicate contains no time: it would be evaluated before the wait for the row's lock (faults F5, I2).
    private static final String RENEW = """
            with renewed as (
                update mirrored_supervisor.peer
                set renew_seq = NEXT_SEQ, last_renewed_at = pg_catalog.clock_timestamp(),
                    lock_key = :key::bigint, server_ident = :lockedOn::text
                where id = :me and state = 'ALIVE'
                returning renew_seq
            ), self as materialized (
                select p.join_order, p.state = 'ALIVE' as alive,
                       (select pg_catalog.count(*) from (
                            select
                            from mirrored_supervisor.peer q
                            where q.state = 'ALIVE' and q.join_order < p.join_order
                            order by q.join_order
                            limit PREDECESSORS) q) as predecessors
                from mirrored_supervisor.peer p
                where p.id = :me
            ), watched as (
                select WATCHED
                from mirrored_supervisor.peer p
                where p.state = 'ALIVE' and (select s.predecessors < OBSERVERS_OF_ALL from self s)
                union
                (select WATCHED
                from mirrored_supervisor.peer p
                where p.state = 'ALIVE' and p.join_order < (select s.join_order from self s)
                order by p.join_order desc
                limit PREDECESSORS)
                union
                (select WATCHED
                from mirrored_supervisor.peer p
                where p.state = 'ALIVE' and (select s.predecessors < PREDECESSORS from self s)
                order by p.join_order desc
                limit PREDECESSORS)
            )
            select 'SELF' as kind, null::uuid as id, %s as name,
                   (select r.renew_seq from renewed r) as number, null::bigint as lease_ms,
                   (select s.join_order from self s) as join_order, null::bigint as age_ms,
                   coalesce((select s.alive from self s), false) as flag,
                   (extract(epoch from pg_catalog.clock_timestamp()) * 1000000)::bigint as clock_us, null::bigint as lock_key,
                   null::bigint as renewed_us
            union all
            select 'PEER', p.id, p.server_ident, p.renew_seq, p.lease_ms, p.join_order,
                   case when p.last_renewed_at SENSIBLE_TIME
                        then (extract(epoch from pg_catalog.clock_timestamp() - p.last_renewed_at) * 1000)::bigint end,
                   false, null, p.lock_key, LAST_RENEWED
            from watched p
            where p.id <> :me
            union all
            select 'GROUP', null, m.group_name, coalesce(g.revision, NO_ROW), null, null, null,
                   coalesce(g.state = 'TERMINATED', false), null, null, null
            from mirrored_supervisor.member m
            left join mirrored_supervisor.supervision_group g on g.name = m.group_name
            where m.peer_id = :me
            """.replace("NEXT_SEQ", Absurd.next("renew_seq"))
            .replace(
                    "WATCHED",
                    "p.id, p.server_ident, p.renew_seq, p.lease_ms, p.join_order, p.last_renewed_at, p.lock_key")
            .replace("PREDECESSORS", Integer.toString(Renewal.PREDECESSORS))
            .replace("OBSERVERS_OF_ALL", Integer.toString(Renewal.OBSERVERS_OF_ALL))
            .replace("SENSIBLE_TIME", Absurd.SENSIBLE_TIME)
            .replace("LAST_RENEWED", Absurd.micros("p.last_renewed_at"))
            .replace("NO_ROW", GroupBeat.NO_ROW + "::bigint");

    /** A greater age means that the database's clock was set, or that the time was written manually. */
    private static final Duration OLDEST_AGE = Duration.ofDays(1);

    private final PrivateConnection link;
    private final Connector connector;
    private final ServerIdentity server;
    private final HeldSessionLock lock;
    private final Timeouts bounds;
    private final ConfirmedRenewal confirmed;
    private int failedComebacks;

    PostgresRenewalSession(
            PrivateConnection link,
            Connector connector,
            ServerIdentity server,
            HeldSessionLock lock,
            Timeouts bounds,
            ConfirmedRenewal confirmed) {
        this.confirmed = confirmed;
        this.link = link;
        this.connector = connector;
        this.server = server;
        this.lock = lock;
        this.bounds = bounds;
    }

    @Override
    public Renewal renew(PeerId me) {
        return renew(me, bounds.renewal());
    }

    @Override
    public Renewal comeBack(PeerId me) {
        Duration bound = bounds.comeBack(failedComebacks);
        failedComebacks++;
        return renew(me, bound);
    }

    private Renewal renew(PeerId me, Duration bound) {
        try {
            SessionLock held = lock.heldBy(me);
            Renewal renewal = link.call("renew the lease", bound, jdbc -> {
                Reply reply = renew(jdbc, me, held);
                return reply.isOutdated() ? renew(jdbc, me, held).renewal() : reply.renewal();
            });
            failedComebacks = 0;
            connector.renewedBy(renewal.server());
            if (renewal.renewed()) {
                confirmed.renewed(me, renewal.seq());
            }
            return renewal;
        } catch (StoreException e) {
            server.failed(e);
            throw e;
        }
    }

    private Reply renew(JdbcClient jdbc, PeerId me, @Nullable SessionLock held) {
        return jdbc.sql(RENEW.formatted(server.expression()))
                .param("me", me.value())
                .param("key", held == null ? null : held.key())
                .param("lockedOn", held == null ? null : held.server())
                .query(PostgresRenewalSession::read);
    }

    @Override
    public void close() {
        link.close();
    }

    private static Reply read(ResultSet rows) throws SQLException {
        boolean renewed = false;
        boolean alive = false;
        long seq = 0;
        long joinOrder = 0;
        String server = "";
        Duration clock = Duration.ZERO;
        Map<PeerId, SessionLock> locks = new HashMap<>();
        List<PeerBeat> peers = new ArrayList<>();
        Map<String, GroupBeat> groups = new HashMap<>();
        while (rows.next()) {
            switch (rows.getString("kind")) {
                case "SELF" -> {
                    seq = rows.getLong("number");
                    renewed = !rows.wasNull();
                    alive = rows.getBoolean("flag");
                    joinOrder = rows.getLong("join_order");
                    server = rows.getString("name");
                    clock = Duration.of(rows.getLong("clock_us"), ChronoUnit.MICROS);
                }
                case "PEER" -> {
                    peers.add(beat(rows));
                    lock(rows).ifPresent(lock -> locks.put(lock.peer(), lock));
                }
                default ->
                    groups.put(rows.getString("name"), new GroupBeat(rows.getLong("number"), rows.getBoolean("flag")));
            }
        }
        Renewal renewal = new Renewal(
                renewed, seq, joinOrder, List.copyOf(peers), Map.copyOf(groups), server, clock, Map.copyOf(locks));
        return new Reply(renewal, alive);
    }

    private static Optional<SessionLock> lock(ResultSet row) throws SQLException {
        long key = row.getLong("lock_key");
        boolean none = row.wasNull();
        String server = row.getString("name");
        return none || server == null
                ? Optional.empty()
                : Optional.of(new SessionLock(new PeerId(row.getObject("id", UUID.class)), key, server));
    }

    private static PeerBeat beat(ResultSet row) throws SQLException {
        return new PeerBeat(
                new PeerId(row.getObject("id", UUID.class)),
                new Heartbeat(row.getLong("number"), row.getLong("renewed_us")),
                Absurd.lease(row.getLong("lease_ms")),
                row.getLong("join_order"),
                age(row));
    }

    private static @Nullable Duration age(ResultSet row) throws SQLException {
        long millis = row.getLong("age_ms");
        boolean absurd = millis < 0 || millis > OLDEST_AGE.toMillis();
        return row.wasNull() || absurd ? null : Duration.ofMillis(millis);
    }

    /**
     * One execution of the statement.
     *
     * @param alive whether this peer's row was there and ALIVE when the statement began
     */
    private record Reply(Renewal renewal, boolean alive) {

        /**
         * Whether the row changed while the statement waited for its lock. What the statement read of the row is then
         * from before the wait and does not tell a certificate from a row that somebody deleted or replaced
         * (protocol rules 2, 11b).
         */
        boolean isOutdated() {
            return alive && !renewal.renewed();
        }
    }
}
