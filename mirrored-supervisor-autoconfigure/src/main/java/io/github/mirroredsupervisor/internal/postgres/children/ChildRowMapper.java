package io.github.mirroredsupervisor.internal.postgres.children;

import io.github.mirroredsupervisor.ChildKind;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.internal.postgres.values.Absurd;
import io.github.mirroredsupervisor.internal.postgres.values.Columns;
import io.github.mirroredsupervisor.internal.postgres.values.SpecJson;
import io.github.mirroredsupervisor.internal.postgres.values.SpecJson.UnreadableException;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowMapper;

/**
 * Reads a child's row, even if a manual change or a later version wrote unknown values. An unreadable value affects
 * only that row: it has the reason instead of its spec. The values read instead never make a peer run or forget the
 * child.
 */
public final class ChildRowMapper implements RowMapper<ChildRow> {

    /** The columns that a query has to select, with the child as {@code c} and its owner as {@code p}. */
    static final String COLUMNS =
            """
            c.id, c.type, c.restart, c.kind, c.spec::text as spec, c.is_static, c.start_order, c.desired, c.phase, c.since,
            case when c.since SENSIBLE_TIME then (extract(epoch from pg_catalog.clock_timestamp() - c.since) * 1000)::bigint else 0 end as in_phase_ms,
            c.owner, c.fencing_token, c.move_to, c.revision, c.answered, c.command, c.failure, c.restarts,
            case when c.phase in ('STARTING', 'RUNNING') and p.state <> 'LEFT'
                  and case when c.since SENSIBLE_TIME and p.last_renewed_at SENSIBLE_TIME
                           then c.since > p.last_renewed_at - LEASE else false end
                 then least(greatest(c.crashes, 0), 1000000) + 1 else 0 end as suspicions,
            c.restarts_in_window, c.next_retry, c.last_exit_kind, c.last_exit_reason, c.last_exit_at,
            p.label as owner_label, p.host as owner_host, p.pid as owner_pid, p.state as owner_state,
            p.state is not distinct from 'ALIVE' or exists (
                select from mirrored_supervisor.member m join mirrored_supervisor.peer q on q.id = m.peer_id
                where m.group_name = c.group_name and c.type = any (m.types)
                  and q.state = 'ALIVE' and not q.cordoned and not q.leaving) as placeable
            """.replace("SENSIBLE_TIME", Absurd.SENSIBLE_TIME).replace("LEASE", Absurd.lease());

    private final SpecJson json;

    public ChildRowMapper(SpecJson json) {
        this.json = json;
    }

    /**
     * The end of a statement whose part {@code written} has changed children and returns all their columns: their rows
     * as they are now.
     *
     * @param more further columns
     */
    static String selectWritten(String... more) {
        return "select " + COLUMNS
                + Stream.of(more).map(column -> ", " + column).collect(Collectors.joining())
                + " from written c left join mirrored_supervisor.peer p on p.id = c.owner";
    }

    @Override
    public ChildRow mapRow(ResultSet row, int number) throws SQLException {
        Lenient columns = new Lenient(row);
        String id = row.getString("id");
        String type = row.getString("type");
        RestartType restart = columns.constant("restart", RestartType.PERMANENT);
        ChildKind kind = columns.constant("kind", ChildKind.WORKER);
        DesiredState desired = columns.constant("desired", DesiredState.STOPPED);
        Phase phase = columns.constant("phase", Phase.UNPLACEABLE);
        ChildRow.Command command = columns.constant("command", ChildRow.Command.DECLARE);
        LastExit lastExit = lastExit(row, columns);
        PeerId owner = Columns.peerIdOrNull(row, "owner");
        String ownerState = row.getString("owner_state");
        long token = row.getLong("fencing_token");
        columns.check(token < Absurd.LAST_COUNT, "fencing_token", token, "above which no token can be granted");
        ChildSpec spec = spec(row, columns, id, type, restart, kind);
        return new ChildRow(
                id,
                spec,
                columns.problem,
                type,
                restart,
                row.getLong("start_order"),
                row.getBoolean("is_static"),
                desired,
                phase,
                owner,
                owner == null || ownerState == null ? null : ownerRef(row, owner),
                ownerState == null ? null : Columns.constant(ownerState, PeerState.DEAD),
                token,
                row.getBoolean("placeable"),
                row.getLong("revision"),
                row.getLong("answered"),
                command,
                row.getString("failure"),
                Columns.peerIdOrNull(row, "move_to"),
                Columns.instant(row, "since"),
                Duration.ofMillis(row.getLong("in_phase_ms")),
                row.getInt("restarts"),
                row.getInt("restarts_in_window"),
                Columns.instantOrNull(row, "next_retry"),
                lastExit,
                row.getInt("suspicions"));
    }

    private @Nullable ChildSpec spec(
            ResultSet row, Lenient columns, String id, String type, RestartType restart, ChildKind kind)
            throws SQLException {
        if (columns.problem != null) {
            return null;
        }
        try {
            return json.read(id, type, restart, kind, row.getString("spec"));
        } catch (UnreadableException e) {
            columns.problem = e.getMessage();
            return null;
        }
    }

    private static PeerRef ownerRef(ResultSet row, PeerId owner) throws SQLException {
        return new PeerRef(owner, row.getString("owner_label"), row.getString("owner_host"), row.getLong("owner_pid"));
    }

    private static @Nullable LastExit lastExit(ResultSet row, Lenient columns) throws SQLException {
        Instant at = Columns.instantOrNull(row, "last_exit_at");
        if (at == null || row.getString("last_exit_kind") == null) {
            return null;
        }
        LastExit.Kind kind = columns.constant("last_exit_kind", LastExit.Kind.CRASH);
        return new LastExit(kind, row.getString("last_exit_reason"), at);
    }

    /** Reads constants and remembers the first one that this version does not know. */
    private static final class Lenient {

        private final ResultSet row;
        private @Nullable String problem;

        Lenient(ResultSet row) {
            this.row = row;
        }

        <E extends Enum<E>> E constant(String column, E otherwise) throws SQLException {
            String text = row.getString(column);
            for (E known : otherwise.getDeclaringClass().getEnumConstants()) {
                if (known.name().equals(text)) {
                    return known;
                }
            }
            if (problem == null) {
                problem = "the column " + column + " holds '" + text + "', which this version does not know";
            }
            return otherwise;
        }

        void check(boolean sensible, String column, long value, String otherwise) {
            if (!sensible && problem == null) {
                problem = "the column " + column + " holds " + value + ", " + otherwise;
            }
        }
    }
}
