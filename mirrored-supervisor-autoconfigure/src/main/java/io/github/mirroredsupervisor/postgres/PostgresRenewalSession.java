package io.github.mirroredsupervisor.postgres;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.mirror.Renewal;
import io.github.mirroredsupervisor.mirror.Renewal.GroupBeat;
import io.github.mirroredsupervisor.mirror.Renewal.PeerBeat;
import io.github.mirroredsupervisor.mirror.RenewalSession;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The renew connection. One statement raises this peer's counter and reads those of the others as they were when it began, which is
 * early enough: an observer counts from the moment the answer arrived (protocol rules 2 and 3).
 */
final class PostgresRenewalSession implements RenewalSession {

    // No time stands in the predicate: it would be looked at before the row's lock is waited for (faults 2e, I2).
    private static final String RENEW = """
            with renewed as (
                update mirrored_supervisor.peer
                set renew_seq = renew_seq + 1, last_renewed_at = clock_timestamp()
                where id = :me and state = 'ALIVE'
                returning 1
            )
            select 'SELF' as kind, null::uuid as id, %s || pg_postmaster_start_time() as name,
                   (select count(*) from renewed) as number, null::bigint as lease_ms,
                   (select join_order from mirrored_supervisor.peer where id = :me) as join_order,
                   null::bigint as age_ms, false as terminated
            union all
            select 'PEER', p.id, null, p.renew_seq, p.lease_ms, p.join_order,
                   case when isfinite(p.last_renewed_at)
                        then (extract(epoch from clock_timestamp() - p.last_renewed_at) * 1000)::bigint end,
                   false
            from mirrored_supervisor.peer p
            where p.state = 'ALIVE' and p.id <> :me
            union all
            select 'GROUP', null, g.name, g.revision, null, null, null, g.state = 'TERMINATED'
            from mirrored_supervisor.member m
            join mirrored_supervisor.supervision_group g on g.name = m.group_name
            where m.peer_id = :me
            """;

    // Right at once after a promotion, which the control file is not (faults 2d).
    private static final String WITH_TIMELINE =
            RENEW.formatted("substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || '/'");

    private static final String WITHOUT_TIMELINE = RENEW.formatted("''");

    /** Beyond it the database's clock was set, or a hand wrote the time. */
    private static final Duration OLDEST_AGE = Duration.ofDays(1);

    private final Link link;
    private boolean timelineWithheld;

    PostgresRenewalSession(Link link) {
        this.link = link;
    }

    @Override
    public Renewal renew(PeerId me) {
        try {
            return link.call(
                    "renew the lease",
                    jdbc -> jdbc.sql(timelineWithheld ? WITHOUT_TIMELINE : WITH_TIMELINE)
                            .param("me", me.value())
                            .query(PostgresRenewalSession::read));
        } catch (StoreUnavailableException e) {
            // Some providers do not let anybody ask for the log's position; the start time then has to do.
            timelineWithheld = timelineWithheld || SqlStates.isFunctionWithheld(e);
            throw e;
        }
    }

    @Override
    public void close() {
        link.close();
    }

    private static Renewal read(ResultSet rows) throws SQLException {
        boolean renewed = false;
        long joinOrder = 0;
        String server = "";
        List<PeerBeat> peers = new ArrayList<>();
        Map<String, GroupBeat> groups = new HashMap<>();
        while (rows.next()) {
            switch (rows.getString("kind")) {
                case "SELF" -> {
                    renewed = rows.getLong("number") == 1;
                    joinOrder = rows.getLong("join_order");
                    server = rows.getString("name");
                }
                case "PEER" -> peers.add(beat(rows));
                default ->
                    groups.put(
                            rows.getString("name"),
                            new GroupBeat(rows.getLong("number"), rows.getBoolean("terminated")));
            }
        }
        return new Renewal(renewed, joinOrder, List.copyOf(peers), Map.copyOf(groups), server);
    }

    private static PeerBeat beat(ResultSet row) throws SQLException {
        return new PeerBeat(
                new PeerId(row.getObject("id", UUID.class)),
                row.getLong("number"),
                Duration.ofMillis(row.getLong("lease_ms")),
                row.getLong("join_order"),
                age(row));
    }

    private static @Nullable Duration age(ResultSet row) throws SQLException {
        long millis = row.getLong("age_ms");
        boolean absurd = millis < 0 || millis > OLDEST_AGE.toMillis();
        return row.wasNull() || absurd ? null : Duration.ofMillis(millis);
    }
}
