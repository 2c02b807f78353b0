package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.orders.AuditReport;
import io.github.mirroredsupervisor.sample.proxy.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Each of the owner's connections, and that of the peer that watches it, is reset towards one side only. Either the
 * node uses a connection that the server has closed, or the server keeps a session, with its lock, that no client uses
 * any more.
 */
final class ResetScenario implements Scenario {

    private static final List<String> KINDS = List.of("renew", "work", "listen");

    private final boolean immediate;

    ResetScenario(boolean immediate) {
        this.immediate = immediate;
    }

    @Override
    public Finding run(TestBed bed, int cycles) {
        Finding finding = new Finding("One-sided resets of the owner's connections, "
                + (immediate ? "children that move at once" : "children that wait for the lease"));
        Stillness stillness = new Stillness(bed);
        List<String> kinds = new ArrayList<>(KINDS);
        if (immediate) {
            kinds.add("watch"); // it exists only then
        }
        for (String kind : kinds) {
            for (Side side : Side.values()) {
                resets(bed, kind, side, cycles, finding);
            }
        }
        bed.awaitRest();
        if (immediate) {
            addWrites(bed, finding);
        } else {
            stillness.addTo(finding);
            bed.evidence().addTo(finding);
        }
        return finding;
    }

    private static void resets(TestBed bed, String kind, Side side, int cycles, Finding finding) {
        bed.awaitRest();
        int runs = bed.evidence().runs().size();
        for (int cycle = 0; cycle < cycles; cycle++) {
            // A connection that was reset towards the node is opened again when the node notices.
            bed.await(
                    "a " + kind + " connection is reset",
                    () -> targets(bed, kind).stream()
                            .anyMatch(node -> bed.routes().proxy(node).reset(ProxiedRoutes.ofKind(kind), side) > 0));
            bed.pass(bed.profile().lease().multipliedBy(2));
            bed.awaitRest();
        }
        finding.line(String.format(
                Locale.ROOT,
                "%-6s towards the %-6s   %d times; %d runs begun",
                kind,
                side.name().toLowerCase(Locale.ROOT),
                cycles,
                bed.evidence().runs().size() - runs));
    }

    /** The owner, or the nodes that may watch it. */
    private static List<NodeProcess> targets(TestBed bed, String kind) {
        NodeProcess owner = bed.busiestNode();
        return kind.equals("watch")
                ? bed.cluster().nodes().stream().filter(node -> node != owner).toList()
                : List.of(owner);
    }

    /** Two runs of such a child may overlap for a moment, but only one may write. */
    private static void addWrites(TestBed bed, Finding finding) {
        OverlapCheck.Result check = bed.evidence().overlaps();
        finding.line("        " + check.overlaps().size() + " overlaps of " + check.runs() + " runs");
        AuditReport report = bed.evidence().audit();
        finding.promise(
                report.delivered() > 0 && report.isExact(),
                report.delivered() + " orders delivered so far: " + report.faults());
    }
}
