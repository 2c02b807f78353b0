package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.launcher.NodeProcess;

/** Every database session of the owner is ended, while it lives: nothing moves. */
final class SessionsScenario implements Scenario {

    /**
     * The library's sessions carry the peer's label at the end of their names, as the application's own do here, save in the
     * middle of a fenced transaction.
     */
    private static final String TERMINATE = """
            select count(pg_terminate_backend(pid)) from pg_stat_activity
             where application_name like '% ' || :node
                or application_name = 'mirrored-supervisor coordinator'
                or application_name in
                   (select 'mirrored-supervisor fence ' || id from mirrored_supervisor.peer where label = :node)
            """;

    @Override
    public Finding run(TestBed bed, int cycles) {
        Finding finding = new Finding("Every database session of the live owner terminated");
        Stillness stillness = new Stillness(bed);
        long sessions = 0;
        for (int cycle = 0; cycle < cycles; cycle++) {
            NodeProcess owner = bed.busiestNode();
            sessions += bed.jdbc()
                    .sql(TERMINATE)
                    .param("node", owner.name())
                    .query(Long.class)
                    .single();
            bed.pass(bed.profile().lease().multipliedBy(2));
        }
        finding.line("%-44s n %4d   %d sessions ended".formatted("times", cycles, sessions));
        stillness.addTo(finding);
        bed.evidence().addTo(finding);
        return finding;
    }
}
