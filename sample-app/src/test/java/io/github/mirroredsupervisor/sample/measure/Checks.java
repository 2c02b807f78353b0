package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.measure.Dossier.Feats;
import io.github.mirroredsupervisor.sample.measure.Inquest.Death;
import io.github.mirroredsupervisor.sample.orders.AuditReport;
import io.github.mirroredsupervisor.sample.witness.Run;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * All that must hold after a soak, and that enough happened for this to mean something. Needs neither the cluster nor
 * the database.
 */
final class Checks {

    private final Dossier dossier;
    private final Testimony testimony;

    Checks(Dossier dossier, Testimony testimony) {
        this.dossier = dossier;
        this.testimony = testimony;
    }

    Finding finding() {
        Finding finding = held();
        notInVain(finding);
        return finding;
    }

    /** All but whether enough happened. */
    Finding held() {
        Finding finding = new Finding(dossier.title());
        dossier.feats().kinds().forEach(finding::line);
        if (dossier.unrest() != null) {
            finding.promise(false, dossier.unrest());
        }
        runs(finding);
        resource(finding);
        finding.line("C4      " + dossier.feats().takeovers()
                + " processes lost with children: all of these ran elsewhere afterwards");
        causes(finding);
        rest(finding);
        certificates(finding);
        return finding;
    }

    private void runs(Finding finding) {
        OverlapCheck.Result runs = testimony.overlaps();
        finding.promise(
                runs.overlaps().isEmpty(),
                "C1  " + runs.runs() + " runs, " + runs.overlaps().size() + " overlaps (" + runs.lateTicks()
                        + " acts of resumed processes after their successors began, " + runs.lateEnds()
                        + " ends of stuck runs)");
        runs.overlaps().stream().limit(5).forEach(violation -> finding.line("        " + violation));
        finding.promise(
                runs.disorders().isEmpty(),
                "C3  " + runs.disorders().size() + " tokens out of order or of two processes");
        runs.disorders().stream().limit(5).forEach(violation -> finding.line("        " + violation));
    }

    private void resource(Finding finding) {
        AuditReport report = dossier.delivered();
        finding.promise(
                report.delivered() > 0 && report.isExact(),
                "C2  " + report.delivered() + " orders delivered: " + report.faults());
        FencedResource.Report outside = dossier.resource();
        finding.promise(
                outside.shared() == 0 && outside.accepted() > 0,
                "C2  " + outside.accepted() + " acts accepted by a resource outside the database, " + outside.rejected()
                        + " refused as stale, " + outside.shared() + " tokens used by two processes");
    }

    private void causes(Finding finding) {
        long tooEarly = dossier.deaths().stream().filter(Death::isTooEarly).count();
        finding.promise(tooEarly == 0, "C5  " + tooEarly + " peers declared dead within a lease of their last renewal");
        finding.line("C5      " + dossier.feats().moves() + " children moved, "
                + dossier.feats().unexplained() + " of them from a node that the strike did not concern");
    }

    private void rest(Finding finding) {
        Map<String, String> ran = new TreeMap<>(testimony.newestRuns().stream()
                .filter(Run::isOpen)
                .collect(Collectors.toMap(Run::child, run -> run.token() + " in " + run.pid())));
        boolean same = ran.equals(dossier.rows()) && ran.size() == dossier.children();
        finding.promise(same, "C6  at the end " + ran.size() + " children run, as their rows say");
        if (!same) {
            finding.line("        witness " + ran).line("        rows    " + dossier.rows());
        }
    }

    /**
     * A process that stood still may begin a granted run after its own death was declared. It notices that only
     * afterwards, so such a run is not counted.
     */
    private void certificates(Finding finding) {
        long grants = 0;
        long late = 0;
        for (Death death : dossier.deaths()) {
            grants += death.grants().size();
            late += death.grants().stream()
                    .filter(grant -> testimony.beganAfter(grant.child(), grant.token(), death.diedNanos()))
                    .count();
        }
        finding.promise(
                late == 0, "C7  " + late + " of " + grants + " runs granted to a peer that died began after its death");
    }

    private void notInVain(Finding finding) {
        Feats feats = dossier.feats();
        int deaths = dossier.deaths().size();
        boolean isShort = feats.strikes() < feats.possibleKinds();
        boolean lively = deaths > 0 && feats.takeovers() > 0 && feats.moves() > 0 && feats.statementKills() > 0;
        finding.promise(
                feats.strikes() > 0 && (isShort || lively),
                "C8  " + feats.strikes() + " strikes of " + feats.ofKinds() + " kinds, " + deaths + " certificates, "
                        + feats.takeovers() + " takeovers, " + feats.statementKills()
                        + " processes killed at a statement; " + feats.failedStarts()
                        + " times a node had to be started again");
        if (finding.kept() && feats.strikes() > 0) {
            finding.line(String.format(
                    Locale.ROOT,
                    "        no strike of %d broke a promise: so fewer than %.2g of them do, with 95 %% confidence",
                    feats.strikes(),
                    3.0 / feats.strikes()));
        }
    }
}
