package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.PatroniCluster.Replication;
import io.github.mirroredsupervisor.sample.cluster.PatroniServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Patroni's process on the primary stands still, so that another server is promoted and the old one runs on. Each node
 * looks for the primary by itself, and some of them find the old one. In synchronous mode it can acknowledge no commit,
 * so that nobody renews, adopts or declares anybody dead there. In asynchronous mode it can, which breaks A2: what
 * happens then is told. When Patroni runs again it makes the old server a standby, and the nodes go to the new one.
 */
final class TwoPrimariesScenario implements Scenario {

    private static final int LEASES = 4;

    private static final String DEATHS = "select id from mirrored_supervisor.peer where state = 'DEAD'";

    private static final String RENEWALS =
            "select id || ' ' || renew_seq from mirrored_supervisor.peer where state = 'ALIVE'";

    private static final String NODES = """
            select distinct substring(application_name from 'node-[0-9]+$')
              from pg_stat_activity where application_name like 'mirrored-supervisor renew %' order by 1
            """;

    private final boolean synchronous;

    TwoPrimariesScenario(Replication replication) {
        this.synchronous = replication == Replication.SYNCHRONOUS;
    }

    @Override
    public Finding run(TestBed bed, int cycles) {
        bed.awaitRest();
        FailoverRecord log = new FailoverRecord(bed);
        List<String> lines = new ArrayList<>();
        List<String> broken = new ArrayList<>();
        try (Receipts receipts = Receipts.start(bed.patroni(), bed.jdbc())) {
            log.carryOut(() -> {
                for (int cycle = 0; cycle < cycles; cycle++) {
                    strike(bed, log, lines, broken);
                }
            });
            Finding finding = log.finding(
                    String.format(
                            Locale.ROOT,
                            "Two primaries of %s, %s replication, %d times",
                            log.query(bed::serverVersion),
                            synchronous ? "synchronous" : "asynchronous",
                            cycles),
                    synchronous);
            lines.forEach(finding::line);
            if (synchronous) {
                finding.promise(
                        broken.isEmpty(),
                        "nobody renewed or was declared dead on the old primary" + String.join("", broken));
            } else {
                broken.forEach(finding::line);
            }
            int lost = log.lost(receipts).size();
            String text = lost + " of " + receipts.count()
                    + " acknowledged commits through HAProxy are not known to the last primary";
            return synchronous ? finding.promise(lost == 0, text) : finding.line("        " + text);
        }
    }

    private void strike(TestBed bed, FailoverRecord log, List<String> lines, List<String> broken) {
        Map<String, Long> owners = bed.owners();
        PatroniServer old = log.awaitHealthy();
        old.pausePatroni();
        try {
            PatroniServer now = log.awaitAnother(old);
            bed.pass(bed.profile().lease().multipliedBy(2));
            bed.awaitEveryChild();
            List<String> deaths = old.query(DEATHS);
            List<String> renewals = old.query(RENEWALS);
            bed.pass(bed.profile().lease().multipliedBy(LEASES));
            lines.add("        old: " + old.identity() + ", used by " + old.query(NODES));
            lines.add("        new: " + now.identity() + ", used by " + now.query(NODES));
            if (!old.query(DEATHS).equals(deaths)) {
                broken.add("\n          deaths on " + old.name() + ": " + deaths + ", later " + old.query(DEATHS));
            }
            if (!old.query(RENEWALS).equals(renewals)) {
                broken.add(
                        "\n          renewals on " + old.name() + ": " + renewals + ", later " + old.query(RENEWALS));
            }
        } finally {
            old.resumePatroni();
        }
        bed.await("a standby follows the primary", () -> bed.patroni().isHealthy());
        bed.awaitRest();
        log.struck(List.of(), owners.values(), owners, bed.owners());
    }
}
