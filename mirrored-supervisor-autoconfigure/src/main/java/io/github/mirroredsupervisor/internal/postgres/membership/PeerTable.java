package io.github.mirroredsupervisor.internal.postgres.membership;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.internal.postgres.values.Absurd;
import io.github.mirroredsupervisor.internal.postgres.values.StorableText;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import java.time.Duration;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The peers: joining, leaving, death certificates, cordons. Renewals have their own connection and class. */
public final class PeerTable {

    private static final String INSERT = """
            insert into mirrored_supervisor.peer (id, label, host, pid, lease_ms, stop_ms)
            values (:id, :label, :host, :pid, :lease, :stop)
            on conflict (id) do nothing
            returning id, join_order
            """;

    private static final String LIMIT_LOCK_WAIT = "select pg_catalog.set_config('lock_timeout', :limit, true)";

    // In the order of ids; otherwise two peers that accuse each other would wait for each other (protocol rule 4).
    private static final String LOCK_TWO = """
            select id, state
            from mirrored_supervisor.peer
            where id in (:me, :victim)
            order by id
            for no key update
            """;

    private static final String CERTIFY = """
            update mirrored_supervisor.peer
            set state = 'DEAD', ended_at = pg_catalog.clock_timestamp()
            where id = :victim and state = 'ALIVE' and renew_seq = :seq and LAST_RENEWED = :at
              and exists (select from mirrored_supervisor.peer p where p.id = :me and p.renew_seq >= :confirmed)
            """.replace("LAST_RENEWED", Absurd.micros("last_renewed_at"));

    private static final String LEAVING = """
            update mirrored_supervisor.peer set leaving = true where id = :me and state = 'ALIVE' and not leaving
            """;

    private static final String LEAVE = """
            update mirrored_supervisor.peer
            set state = 'LEFT', ended_at = pg_catalog.clock_timestamp()
            where id = :me and state = 'ALIVE'
            """;

    private static final String CORDON = """
            update mirrored_supervisor.peer set cordoned = :cordoned where id = :id and cordoned <> :cordoned
            """;

    // A manual change may have ended a peer without a time.
    private static final String PURGE = """
            delete from mirrored_supervisor.peer
            where id in (
                select p.id
                from mirrored_supervisor.peer p
                where p.state in ('DEAD', 'LEFT')
                  and coalesce(p.ended_at, p.last_renewed_at)
                      < pg_catalog.clock_timestamp() - cast(:age as double precision) * interval '1 millisecond'
                  and not exists (select from mirrored_supervisor.child c where c.owner = p.id)
                limit :most
                for update skip locked)
            """;

    private final ConfirmedRenewal confirmed;

    public PeerTable(ConfirmedRenewal confirmed) {
        this.confirmed = confirmed;
    }

    /** With its memberships. Does nothing if the row is there: the answer to the first try was lost. */
    public void insert(JdbcClient jdbc, JoinRequest request) {
        MemberTable.insertAll(jdbc, INSERT, request)
                .param("id", request.id().value())
                .param("label", StorableText.name(request.ref().label()))
                .param("host", StorableText.name(request.ref().host()))
                .param("pid", request.ref().pid())
                .param("lease", request.lease().toMillis())
                .param("stop", request.stopBound().toMillis())
                .update();
    }

    /** Limits the lock wait for the rest of the transaction. */
    public void limitLockWait(JdbcClient jdbc, Duration limit) {
        jdbc.sql(LIMIT_LOCK_WAIT)
                .param("limit", limit.toMillis() + "ms")
                .query(String.class)
                .single();
    }

    /** Locks both rows. Returns whether {@code me} is alive. */
    public boolean lockBoth(JdbcClient jdbc, PeerId me, PeerId victim) {
        return jdbc.sql(LOCK_TWO)
                .param("me", me.value())
                .param("victim", victim.value())
                .query((row, number) -> row.getObject("id", UUID.class).equals(me.value())
                        && row.getString("state").equals(PeerState.ALIVE.name()))
                .list()
                .contains(true);
    }

    public boolean certify(JdbcClient jdbc, PeerId me, PeerId victim, Heartbeat last) {
        return jdbc.sql(CERTIFY)
                        .param("victim", victim.value())
                        .param("seq", last.seq())
                        .param("at", last.at())
                        .param("me", me.value())
                        .param("confirmed", confirmed.seqOf(me))
                        .update()
                == 1;
    }

    public boolean leaving(JdbcClient jdbc, PeerId me) {
        return jdbc.sql(LEAVING).param("me", me.value()).update() == 1;
    }

    public boolean leave(JdbcClient jdbc, PeerId me) {
        return jdbc.sql(LEAVE).param("me", me.value()).update() == 1;
    }

    public boolean cordon(JdbcClient jdbc, PeerId peer, boolean cordoned) {
        return jdbc.sql(CORDON)
                        .param("id", peer.value())
                        .param("cordoned", cordoned)
                        .update()
                == 1;
    }

    public int purge(JdbcClient jdbc, Duration olderThan, int most) {
        return jdbc.sql(PURGE)
                .param("age", (double) olderThan.toMillis())
                .param("most", most)
                .update();
    }
}
