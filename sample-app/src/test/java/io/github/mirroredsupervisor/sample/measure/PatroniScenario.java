package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.cluster.PatroniCluster.Replication;
import io.github.mirroredsupervisor.sample.cluster.PatroniServer;
import io.github.mirroredsupervisor.sample.witness.Fault;
import io.github.mirroredsupervisor.sample.witness.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The primary changes under load: as planned, because it crashed, and because it crashed together with the node that
 * runs the most children. The server that was the primary comes back as the standby. No application is restarted.
 */
final class PatroniScenario implements Scenario {

    /** A child's start, on a machine on which servers, nodes and orders start at the same time. */
    private static final Duration START = Duration.ofMillis(300);

    /** A crash of both is slower than the others, and what it shows is seen with few. */
    private static final int CYCLES_PER_CRASH_WITH_OWNER = 4;

    private enum Blow {
        SWITCHOVER,
        CRASH,
        CRASH_WITH_OWNER
    }

    private final MeasureOptions options;
    private final boolean synchronous;
    private final Map<Blow, Effects> effects = new EnumMap<>(Blow.class);

    /** What the blows of one kind cost, in milliseconds. */
    private static final class Effects {
        /** Nothing could be committed. */
        private final List<Double> outages = new ArrayList<>();

        /** From the first commit after the outage to the beginning of the last child that had stopped. */
        private final List<Double> restarts = new ArrayList<>();

        /** Blows after which nothing had to start again. */
        private int unnoticed;

        private int moves;
        private int expelled;
        private int lost;
    }

    PatroniScenario(MeasureOptions options) {
        this.options = options;
        this.synchronous = options.replication() == Replication.SYNCHRONOUS;
    }

    @Override
    public Finding run(TestBed bed, int cycles) {
        bed.awaitRest();
        FailoverRecord log = new FailoverRecord(bed);
        try (Receipts receipts = Receipts.start(bed.patroni(), bed.jdbc())) {
            log.carryOut(() -> {
                for (int cycle = 0;
                        cycle < cycles && !(synchronous && bed.evidence().isBroken());
                        cycle++) {
                    strike(bed, Blow.SWITCHOVER, receipts, log);
                    strike(bed, Blow.CRASH, receipts, log);
                    if (cycle % CYCLES_PER_CRASH_WITH_OWNER == 0) {
                        strike(bed, Blow.CRASH_WITH_OWNER, receipts, log);
                    }
                }
            });
            Finding finding = log.finding(
                    String.format(
                            Locale.ROOT,
                            "Failover of %s under Patroni, %s replication, by %s",
                            log.query(bed::serverVersion),
                            MeasureOptions.label(options.replication()),
                            MeasureOptions.label(options.route())),
                    synchronous);
            effects.forEach((blow, effect) -> add(finding, bed, blow, effect));
            int lost = log.lost(receipts).size();
            String text = lost + " of " + receipts.count() + " acknowledged commits are not known to the last primary";
            return synchronous ? finding.promise(lost == 0, text) : finding.line("        " + text);
        }
    }

    private static void add(Finding finding, TestBed bed, Blow blow, Effects effect) {
        String label = MeasureOptions.label(blow);
        finding.figures(label + ": nothing could be committed for", Figures.of(effect.outages));
        finding.figures("  first commit to last child's begin", Figures.of(effect.restarts));
        finding.line("        " + effect.unnoticed + " of them stopped no child; " + effect.moves
                + " children moved, " + effect.expelled + " peers joined anew, " + effect.lost
                + " acknowledged commits were lost");
        if (blow != Blow.CRASH_WITH_OWNER && !effect.restarts.isEmpty()) {
            double limit = bed.profile().renewInterval().plus(START).toMillis();
            finding.target(
                    Figures.of(effect.restarts).median() <= limit,
                    String.format(Locale.ROOT, "after a %s children run again in %.0f ms in the median", label, limit));
        }
    }

    private void strike(TestBed bed, Blow blow, Receipts receipts, FailoverRecord log) {
        Effects effect = effects.computeIfAbsent(blow, one -> new Effects());
        Map<String, Long> owners = bed.owners();
        List<String> peers = bed.alivePeers();
        int lostBefore = log.lost(receipts).size();
        PatroniServer old = log.awaitHealthy();
        long from = System.nanoTime();
        List<Fault> faults = strike(bed, blow, old);
        log.awaitAnother(old);
        long promoted = System.nanoTime();
        bed.await(
                "commits are acknowledged again",
                () -> receipts.longestGap(promoted).toNanos() != promoted);
        bed.pass(bed.profile().lease().multipliedBy(2)); // a permission may end after the failover
        bed.awaitEveryChild();
        note(bed, effect, receipts.longestGap(from));
        if (blow != Blow.SWITCHOVER) {
            old.start();
        }
        faults.forEach(fault -> restart(bed, fault));
        log.awaitHealthy();
        bed.awaitRest();
        log.struck(faults, faults.stream().map(Fault::pid).toList(), owners, bed.owners());
        effect.moves += log.moved(owners, bed.owners());
        effect.expelled += (int)
                peers.stream().filter(peer -> !bed.alivePeers().contains(peer)).count();
        effect.lost += log.lost(receipts).size() - lostBefore;
        System.out.printf(
                Locale.ROOT,
                "%-16s of %s: no commit for %.0f ms%n",
                MeasureOptions.label(blow),
                old.name(),
                effect.outages.get(effect.outages.size() - 1));
        bed.evidence().forgetBefore(from);
    }

    private static void note(TestBed bed, Effects effect, Receipts.Gap outage) {
        effect.outages.add(outage.millis());
        bed.evidence().runs().stream()
                .map(Run::beginNanos)
                .filter(begin -> begin - outage.fromNanos() > 0)
                .max(Long::compare)
                .ifPresentOrElse(
                        begin -> effect.restarts.add(Math.max(0, (begin - outage.toNanos()) / 1e6)),
                        () -> effect.unnoticed++);
    }

    private List<Fault> strike(TestBed bed, Blow blow, PatroniServer old) {
        if (blow == Blow.SWITCHOVER) {
            bed.patroni().switchOver(old);
            return List.of();
        }
        if (!synchronous) {
            old.holdBackReplication();
            bed.pass(bed.profile().lease());
        }
        List<Fault> faults = blow == Blow.CRASH_WITH_OWNER ? List.of(kill(bed)) : List.of();
        old.crash();
        return faults;
    }

    /** Without replication the adoption is awaited, so that it is lost. */
    private Fault kill(TestBed bed) {
        Fault fault = bed.busiestNode().kill();
        if (!synchronous) {
            bed.await(
                    "every child runs elsewhere after " + fault,
                    () -> bed.evidence().takeover(fault).isComplete());
        }
        return fault;
    }

    private static void restart(TestBed bed, Fault fault) {
        NodeProcess node = bed.cluster().nodes().stream()
                .filter(one -> one.pid() == fault.pid())
                .findFirst()
                .orElseThrow();
        bed.await("the process is gone", () -> !node.isAlive());
        node.start();
    }
}
