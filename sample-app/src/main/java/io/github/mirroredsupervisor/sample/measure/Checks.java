package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.orders.AuditReport;
import io.github.mirroredsupervisor.sample.witness.FencedResource;
import io.github.mirroredsupervisor.sample.witness.OverlapCheck;
import io.github.mirroredsupervisor.sample.witness.Run;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The whole list of what must hold after a soak, and that it was not held in vain. */
final class Checks {

    /** Both stamps are the database's. */
    private static final String TOO_EARLY = """
            select count(*) from mirrored_supervisor.peer
             where state = 'DEAD' and ended_at < last_renewed_at + make_interval(secs => lease_ms / 1000.0)
            """;

    private static final String DEATHS = "select count(*) from mirrored_supervisor.history where what = 'DIED'";

    /** Children that a member was granted, with the moment in which it was declared dead, as far as it was. */
    private static final String GRANTS_OF_THE_DEAD = """
            select g.child_id as child, g.token, (extract(epoch from d.at) * 1000000)::bigint as died
              from mirrored_supervisor.history g
              join mirrored_supervisor.history d on d.what = 'DIED' and d.from_peer = g.to_peer
             where g.what = 'GRANTED'
            """;

    private static final String ROWS = """
            select c.id as child, c.fencing_token as token, p.pid
              from mirrored_supervisor.child c
              left join mirrored_supervisor.peer p on p.id = c.owner and p.state = 'ALIVE'
             where c.desired = 'RUNNING'
            """;

    private final TestBed bed;
    private final Tally tally;

    /** What a row says of a child. */
    private record Owned(String child, long token, @Nullable Long pid) {}

    /** A grant to somebody who is dead now. */
    private record Grant(String child, long token, long died) {}

    Checks(TestBed bed, Tally tally) {
        this.bed = bed;
        this.tally = tally;
    }

    Finding finding(String title) {
        Finding finding = new Finding(title);
        tally.kinds().forEach((trouble, kind) -> finding.line(SoakReport.line(trouble, kind)));
        OverlapCheck.Result runs = bed.evidence().overlaps();
        finding.promise(
                runs.overlaps().isEmpty(),
                "C1  " + runs.runs() + " runs, " + runs.overlaps().size() + " overlaps (" + runs.lateTicks()
                        + " acts of resumed processes after their successors began, " + runs.lateEnds()
                        + " ends of stuck runs)");
        runs.overlaps().stream().limit(5).forEach(violation -> finding.line("        " + violation));
        resource(finding);
        finding.promise(
                runs.disorders().isEmpty(),
                "C3  " + runs.disorders().size() + " tokens out of order or of two processes");
        runs.disorders().stream().limit(5).forEach(violation -> finding.line("        " + violation));
        finding.line("C4      " + tally.takeovers()
                + " processes lost with children: all of these ran elsewhere afterwards");
        causes(finding);
        rest(finding);
        certificates(finding);
        notInVain(finding);
        return finding;
    }

    private void resource(Finding finding) {
        AuditReport report = bed.evidence().audit();
        finding.promise(
                report.delivered() > 0 && report.isExact(),
                "C2  " + report.delivered() + " orders delivered: " + report.faults());
        FencedResource.Report outside = bed.resource().report();
        finding.promise(
                outside.shared() == 0 && outside.accepted() > 0,
                "C2  " + outside.accepted() + " acts accepted by a resource outside the database, " + outside.rejected()
                        + " refused as stale, " + outside.shared() + " tokens used by two processes");
    }

    private void causes(Finding finding) {
        long tooEarly = bed.jdbc().sql(TOO_EARLY).query(Long.class).single();
        finding.promise(tooEarly == 0, "C5  " + tooEarly + " peers declared dead within a lease of their last renewal");
        finding.line("C5      " + tally.moves() + " children moved, " + tally.unexplained()
                + " of them from a node that the strike did not concern");
    }

    private void rest(Finding finding) {
        Map<String, String> ran = new TreeMap<>(bed.evidence().newestRuns().stream()
                .filter(Run::isOpen)
                .collect(Collectors.toMap(Run::child, run -> run.token() + " in " + run.pid())));
        Map<String, String> owned = new TreeMap<>(bed.jdbc().sql(ROWS).query(Owned.class).list().stream()
                .collect(Collectors.toMap(Owned::child, row -> row.token() + " in " + row.pid())));
        boolean same = ran.equals(owned) && ran.size() == bed.children();
        finding.promise(same, "C6  at the end " + ran.size() + " children run, as their rows say");
        if (!same) {
            finding.line("        witness " + ran).line("        rows    " + owned);
        }
    }

    /** A process that stood still may begin late what it was granted, and then finds it out; it began before it knew. */
    private void certificates(Finding finding) {
        List<Grant> grants =
                bed.jdbc().sql(GRANTS_OF_THE_DEAD).query(Grant.class).list();
        long late = grants.stream()
                .filter(grant -> bed.evidence()
                        .beganAfter(grant.child(), grant.token(), Instant.EPOCH.plus(grant.died(), ChronoUnit.MICROS)))
                .count();
        finding.promise(
                late == 0,
                "C7  " + late + " of " + grants.size() + " runs granted to a peer that died began after its death");
    }

    private void notInVain(Finding finding) {
        long deaths = bed.jdbc().sql(DEATHS).query(Long.class).single();
        boolean isShort = tally.strikes() < Trouble.values().length;
        boolean lively = tally.strikes() > 0 && (isShort || (deaths > 0 && tally.takeovers() > 0 && tally.moves() > 0));
        finding.promise(
                lively,
                "C8  " + tally.strikes() + " strikes of " + tally.kinds().size() + " kinds, " + deaths
                        + " certificates, " + tally.takeovers() + " takeovers; " + bed.failedStarts()
                        + " times a node had to be started again");
        if (finding.kept() && tally.strikes() > 0) {
            finding.line("        no strike of %d broke a promise: so fewer than %.2g of them do, with 95 %% confidence"
                    .formatted(tally.strikes(), 3.0 / tally.strikes()));
        }
    }
}
