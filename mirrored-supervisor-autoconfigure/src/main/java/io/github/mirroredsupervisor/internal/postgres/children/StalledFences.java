package io.github.mirroredsupervisor.internal.postgres.children;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.internal.postgres.connection.PrivateConnection;
import io.github.mirroredsupervisor.internal.postgres.server.SqlStates;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends fenced transactions that dead peers left open between the check and the commit, where they keep the child's row
 * locked (faults F5, I8). Only sessions with the tag of a dead peer are ended. If the role may not end them, the
 * time-out that each fenced transaction has set does so a little later. Used by one thread.
 */
public final class StalledFences {

    private static final Logger logger = LoggerFactory.getLogger(StalledFences.class);

    // A session without that lock has not reached its check and does not delay a grant. DEAD is final, so this stays
    // true.
    private static final String END = """
            select p.id, pg_catalog.pg_terminate_backend(a.pid)
            from mirrored_supervisor.peer p
            join pg_catalog.pg_stat_activity a on a.application_name = 'TAG' || p.id and a.datname = pg_catalog.current_database()
            join pg_catalog.pg_locks l on l.pid = a.pid and l.granted
                           and l.relation = 'mirrored_supervisor.child'::regclass and l.mode = 'RowShareLock'
            where p.id = any (:owners) and p.state = 'DEAD'
            """.replace("TAG", ChildFence.TAG);

    private final PrivateConnection link;
    private boolean forbidden;

    public StalledFences(PrivateConnection link) {
        this.link = link;
    }

    /**
     * Terminates the sessions of dead peers that may keep the rows of these children locked. They end soon.
     *
     * @return the owners that had such sessions
     */
    public Set<PeerId> end(Collection<OwnedToken> locked) {
        UUID[] owners = locked.stream()
                .map(OwnedToken::owner)
                .filter(Objects::nonNull)
                .map(PeerId::value)
                .distinct()
                .toArray(UUID[]::new);
        if (forbidden || owners.length == 0) {
            return Set.of();
        }
        try {
            List<PeerId> told = link.optional(
                    "end transactions of dead peers",
                    jdbc -> jdbc.sql(END)
                            .param("owners", owners)
                            .query((row, number) -> new PeerId(row.getObject("id", UUID.class)))
                            .list());
            if (!told.isEmpty()) {
                logger.warn("Ended {} fenced transactions that dead peers left unfinished", told.size());
            }
            return Set.copyOf(told);
        } catch (StoreException e) {
            note(e);
            return Set.of();
        }
    }

    private void note(StoreException failure) {
        if (SqlStates.isFunctionWithheld(failure)) {
            forbidden = true;
            logger.warn(
                    "A dead peer left a fenced transaction unfinished, and this role may not end its session. The server does so within a lease; to be"
                            + " faster, grant pg_signal_backend to the role, or let it be the application's own: {}",
                    SqlStates.explain(failure));
        }
    }
}
