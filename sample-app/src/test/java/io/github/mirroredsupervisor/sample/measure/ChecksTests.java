package io.github.mirroredsupervisor.sample.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException;
import io.github.mirroredsupervisor.sample.measure.Dossier.Feats;
import io.github.mirroredsupervisor.sample.measure.Inquest.Death;
import io.github.mirroredsupervisor.sample.measure.Inquest.Grant;
import io.github.mirroredsupervisor.sample.orders.AuditReport;
import io.github.mirroredsupervisor.sample.witness.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a soak with one kill. Each test puts one violation into them, and the check for it fails. */
class ChecksTests {

    private static final long SECOND = 1_000_000_000L;

    private static final Feats FEATS = new Feats(List.of("kill"), 31, 31, 31, 1, 1, 0, 1, 0);
    private static final List<Fault> FAULTS = List.of(new Fault(Fault.Kind.KILL, "node-1", 11, 10 * SECOND));
    private static final Death DEATH = new Death(9 * SECOND, 11 * SECOND, SECOND, List.of(new Grant("tenant-1", 1)));
    private static final Map<String, String> ROWS = Map.of("tenant-1", "2 in 22");
    private static final AuditReport DELIVERED = new AuditReport(100, 0, 0, 0, 0);
    private static final FencedResource.Report RESOURCE = new FencedResource.Report(100, 1, 0);

    @TempDir
    Path folder;

    @BeforeEach
    void write() throws IOException {
        Files.createDirectory(folder.resolve("live"));
        witness("node-1", 11, "1 BEGIN", 1, "1 TICK", 9);
        witness("node-2", 22, "2 BEGIN", 12, "2 TICK", 13);
    }

    @Test
    void allIsKept() {
        assertBroken(dossier(FEATS, DEATH, ROWS, DELIVERED, RESOURCE));
    }

    @Test
    void c1RunsThatOverlap() throws IOException {
        witness("node-1", 11, "1 BEGIN", 1, "1 TICK", 13);
        assertBroken(dossier(FEATS, DEATH, ROWS, DELIVERED, RESOURCE), "C1");
    }

    @Test
    void whatAnEarlierReportLeftIsNoWitness() throws IOException {
        witness("node-3", 33, "1 BEGIN", 1, "1 TICK", 13);
        assertBroken(dossier(FEATS, DEATH, ROWS, DELIVERED, RESOURCE), "C1", "C3");
        Files.delete(folder.resolve("live").resolve("node-3"));
        assertBroken(dossier(FEATS, DEATH, ROWS, DELIVERED, RESOURCE));
    }

    @Test
    void c2DeliveriesThatAreNotExact() {
        assertBroken(dossier(FEATS, DEATH, ROWS, new AuditReport(100, 0, 0, 0, 1), RESOURCE), "C2");
    }

    @Test
    void c2TokensOfTwoProcesses() {
        assertBroken(dossier(FEATS, DEATH, ROWS, DELIVERED, new FencedResource.Report(100, 1, 1)), "C2");
    }

    @Test
    void c3TokensOutOfOrder() throws IOException {
        witness("node-1", 11, "3 BEGIN", 1, "3 TICK", 9);
        assertBroken(dossier(FEATS, DEATH, ROWS, DELIVERED, RESOURCE), "C3");
    }

    @Test
    void c5DeadBeforeItsTime() {
        Death early = new Death(9 * SECOND, 10 * SECOND - 1, SECOND, DEATH.grants());
        assertBroken(dossier(FEATS, early, ROWS, DELIVERED, RESOURCE), "C5");
    }

    @Test
    void c6RowsThatSayOtherwise() {
        assertBroken(dossier(FEATS, DEATH, Map.of("tenant-1", "2 in 33"), DELIVERED, RESOURCE), "C6");
        assertBroken(dossier(FEATS, DEATH, Map.of(), DELIVERED, RESOURCE), "C6");
    }

    @Test
    void c7BegunByTheDead() {
        Death known = new Death(-3 * SECOND, -SECOND, SECOND, DEATH.grants());
        assertBroken(dossier(FEATS, known, ROWS, DELIVERED, RESOURCE), "C7");
    }

    @Test
    void c8InVain() {
        Feats noKills = new Feats(List.of("kill"), 31, 31, 31, 1, 1, 0, 0, 0);
        assertBroken(dossier(noKills, DEATH, ROWS, DELIVERED, RESOURCE), "C8");
        Feats none = new Feats(List.of(), 0, 0, 31, 0, 0, 0, 0, 0);
        assertBroken(dossier(none, DEATH, ROWS, DELIVERED, RESOURCE), "C8");
    }

    @Test
    void aSoakThatEndedEarly() {
        Dossier early = new Dossier(
                "Made up", 1, FEATS, "In strike 7: in vain", FAULTS, List.of(DEATH), ROWS, DELIVERED, RESOURCE);
        assertBroken(early, "strike 7");
    }

    @Test
    void aFolderWithoutADossierIsNamed() {
        assertThatExceptionOfType(InvalidArgumentException.class)
                .isThrownBy(() -> RecheckApplication.check(folder))
                .withMessageContaining(folder.toString());
    }

    private void assertBroken(Dossier dossier, String... checks) {
        dossier.save(folder, folder.resolve("live"));
        assertThat(RecheckApplication.check(folder).toString().lines().filter(line -> line.contains("BROKEN")))
                .hasSize(checks.length)
                .zipSatisfy(List.of(checks), (line, check) -> assertThat(line).contains(check));
    }

    private static Dossier dossier(
            Feats feats, Death death, Map<String, String> rows, AuditReport delivered, FencedResource.Report resource) {
        return new Dossier("Made up", 1, feats, null, FAULTS, List.of(death), rows, delivered, resource);
    }

    /** Two lines of one process. Each has a token, a mark and the second in which it was written. */
    private void witness(String node, int pid, String one, int first, String other, int second) throws IOException {
        String line = "%d " + node + " " + pid + " tenant-1 %s\n";
        Files.writeString(
                folder.resolve("live").resolve(node),
                String.format(Locale.ROOT, line, first * SECOND, one)
                        + String.format(Locale.ROOT, line, second * SECOND, other));
    }
}
