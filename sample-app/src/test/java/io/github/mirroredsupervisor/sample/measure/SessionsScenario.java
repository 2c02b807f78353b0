package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import java.util.Locale;

/** All database sessions of a live owner are ended, or only the one with its lock: no child moves. */
final class SessionsScenario implements Scenario {

    /**
     * The library's sessions have the peer's label at the end of their names. So have the application's own sessions
     * here, except in the middle of a fenced transaction.
     */
    private static final String TERMINATE = """
            select count(pg_terminate_backend(pid)) from pg_stat_activity
             where application_name like '% ' || :node
                or application_name = 'mirrored-supervisor coordinator'
                or application_name in
                   (select 'mirrored-supervisor fence ' || id from mirrored_supervisor.peer where label = :node)
            """;

    private static final String TERMINATE_LOCK = """
            select count(pg_terminate_backend(pid)) from pg_stat_activity
             where application_name = 'mirrored-supervisor listen ' || :node
            """;

    private final boolean onlyTheLock;

    SessionsScenario(boolean onlyTheLock) {
        this.onlyTheLock = onlyTheLock;
    }

    @Override
    public Finding run(TestBed bed, int cycles) {
        Finding finding = new Finding(
                (onlyTheLock ? "The lock session" : "Every database session") + " of the live owner terminated");
        Stillness stillness = new Stillness(bed);
        long sessions = 0;
        for (int cycle = 0; cycle < cycles; cycle++) {
            sessions += terminate(bed, bed.busiestNode(), onlyTheLock ? TERMINATE_LOCK : TERMINATE);
            bed.pass(bed.profile().lease().multipliedBy(2));
        }
        finding.line(String.format(Locale.ROOT, "%-44s n %4d   %d sessions ended", "times", cycles, sessions));
        stillness.addTo(finding);
        bed.evidence().addTo(finding);
        return finding;
    }

    static void terminateAll(TestBed bed, NodeProcess node) {
        terminate(bed, node, TERMINATE);
    }

    static void terminateLock(TestBed bed, NodeProcess node) {
        terminate(bed, node, TERMINATE_LOCK);
    }

    private static long terminate(TestBed bed, NodeProcess node, String sql) {
        return bed.jdbc().sql(sql).param("node", node.name()).query(Long.class).single();
    }
}
