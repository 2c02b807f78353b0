package io.github.mirroredsupervisor.internal.postgres.sessions;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.Takeover;
import io.github.mirroredsupervisor.internal.postgres.announcements.ChangeAnnouncer;
import io.github.mirroredsupervisor.internal.postgres.children.RowLocks;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * One hand-over of a child that does not exist, from its first row to its removal, rolled back. A standby peer may live
 * for weeks before its first real hand-over. That one should not have to wait until classes, statements and plans are
 * loaded for the first time.
 */
final class Rehearsal {

    private static final ChildSpec CHILD = ChildSpec.of(WorkSession.REHEARSED, WorkSession.REHEARSED)
            .withArguments(Map.of("rehearsed", true))
            .withTakeover(Takeover.IMMEDIATE);

    private final Tables tables;
    private final ChangeAnnouncer announcer;

    Rehearsal(Tables tables, ChangeAnnouncer announcer) {
        this.tables = tables;
        this.announcer = announcer;
    }

    /** Runs in a transaction that is rolled back. Returns the child as it was handed over. */
    ChildRow run(JdbcClient jdbc, PeerId me) {
        String group = "rehearsal " + UUID.randomUUID(); // a unique name, so that no session waits for its rows
        ChildRow owned =
                tables.commands().insert(jdbc, group, List.of(CHILD), me).get(0);
        report(jdbc, group, me, owned);
        tables.peers().leaving(jdbc, PeerId.random()); // not this peer's row, which its renewal would wait for
        ChildRow handed = handOver(jdbc, group, me, owned);
        tables.reads().immediate(jdbc, group, me);
        tables.grants().grant(jdbc, RowLocks.SKIP, group, me, List.of(owned(handed)), Map.of(), null);
        tables.members().list(jdbc, group);
        var unused = announcer.rehearse(jdbc, group, CHILD.id());
        return handed;
    }

    private void report(JdbcClient jdbc, String group, PeerId me, ChildRow row) {
        PhaseReport report =
                new PhaseReport(row.id(), row.token(), Phase.RUNNING, 0, 0, null, null, row.revision(), null, null);
        List<PhaseReport> reports = List.of(report);
        tables.reports().report(jdbc, RowLocks.SKIP, group, me, reports, Set.of());
        tables.reports().report(jdbc, RowLocks.SKIP, group, me, reports, Set.of(row.id()));
    }

    private ChildRow handOver(JdbcClient jdbc, String group, PeerId me, ChildRow row) {
        tables.grants().release(jdbc, RowLocks.SKIP, group, List.of(owned(row)), me);
        ChildRow handed = tables.reads().some(jdbc, group, Set.of(row.id())).get(0);
        if (!CHILD.equals(handed.spec())) { // as the next owner of a declared child compares it
            throw new IllegalStateException("the rehearsed child was stored in another way");
        }
        return handed;
    }

    private static OwnedToken owned(ChildRow row) {
        return new OwnedToken(row.id(), row.owner(), row.token());
    }
}
