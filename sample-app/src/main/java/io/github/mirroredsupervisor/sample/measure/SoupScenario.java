package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.launcher.NodeProcess;
import io.github.mirroredsupervisor.sample.proxy.Side;
import io.github.mirroredsupervisor.sample.witness.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Faults drawn by a seed, one after the other or two at once, on whichever node. The same seed draws the same faults; when exactly they strike is up to the machine. */
final class SoupScenario implements Scenario {

    /** What is drawn. */
    private enum Trouble {
        KILL,
        KILL_TWO,
        PAUSE_SHORT,
        PAUSE_LONG,
        STOP,
        SESSIONS,
        RESET,
        RESTART
    }

    private static final List<String> CONNECTIONS = List.of("renew", "work", "listen");

    private final long seed;
    private final Random random;
    private final Map<Trouble, List<Double>> takeovers = new EnumMap<>(Trouble.class);
    private final Map<Trouble, Integer> drawn = new EnumMap<>(Trouble.class);

    SoupScenario(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
    }

    @Override
    public Finding run(TestBed bed, int cycles) {
        bed.awaitRest();
        Finding finding = new Finding(cycles + " faults drawn by --seed=" + seed);
        for (int cycle = 0; cycle < cycles; cycle++) {
            bed.pass(bed.profile().renewInterval().multipliedBy(random.nextInt(10)));
            Trouble trouble = Trouble.values()[random.nextInt(Trouble.values().length)];
            drawn.merge(trouble, 1, Integer::sum);
            strike(bed, trouble);
            bed.awaitRest();
        }
        drawn.forEach((trouble, count) -> finding.line("%-12s %4d times  %s"
                .formatted(
                        trouble.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        count,
                        takeovers.containsKey(trouble)
                                ? "to the last child elsewhere " + Figures.of(takeovers.get(trouble))
                                : "")));
        bed.evidence().addTo(finding);
        if (finding.kept()) {
            finding.line("no fault of %d broke a promise: so fewer than %.1f %% of them do, with 95 %% confidence"
                    .formatted(cycles, 300.0 / cycles));
        }
        return finding;
    }

    private void strike(TestBed bed, Trouble trouble) {
        NodeProcess node = any(bed.cluster().nodes());
        Duration lease = bed.profile().lease();
        switch (trouble) {
            case KILL -> lose(bed, trouble, List.of(node), NodeProcess::kill);
            case KILL_TWO -> lose(bed, trouble, twoOf(bed.cluster().nodes()), NodeProcess::kill);
            case STOP -> lose(bed, trouble, List.of(node), NodeProcess::stop);
            case PAUSE_SHORT -> pause(bed, node, lease.dividedBy(2 + random.nextInt(8)), false);
            case PAUSE_LONG -> pause(bed, node, lease.multipliedBy(2), true);
            case SESSIONS -> {
                SessionsScenario.terminateAll(bed, node);
                bed.pass(lease.multipliedBy(2));
            }
            case RESET -> {
                String kind = any(CONNECTIONS);
                Side side = any(Arrays.asList(Side.values()));
                bed.routes().reset(bed.jdbc(), node, kind, side);
                bed.pass(lease.multipliedBy(2));
            }
            case RESTART -> {
                bed.database().stop();
                bed.database().start();
                bed.pass(lease.multipliedBy(2));
            }
        }
    }

    private <T> T any(List<T> some) {
        return some.get(random.nextInt(some.size()));
    }

    private List<NodeProcess> twoOf(List<NodeProcess> nodes) {
        NodeProcess spared = any(nodes);
        return nodes.stream().filter(node -> node != spared).limit(2).toList();
    }

    /** What does something to a node. */
    @FunctionalInterface
    private interface Blow {
        Fault to(NodeProcess node);
    }

    private void lose(TestBed bed, Trouble trouble, List<NodeProcess> nodes, Blow blow) {
        Set<Long> owners = Set.copyOf(bed.owners().values());
        List<Fault> faults = new ArrayList<>();
        nodes.forEach(node -> faults.add(blow.to(node)));
        for (Fault fault : faults) {
            if (owners.contains(fault.pid())) {
                awaitTakeover(bed, trouble, fault);
            }
        }
        bed.await("the processes are gone", () -> nodes.stream().noneMatch(NodeProcess::isAlive));
        nodes.forEach(NodeProcess::start);
    }

    private void awaitTakeover(TestBed bed, Trouble trouble, Fault fault) {
        bed.await(
                "every child runs elsewhere after " + fault,
                () -> bed.evidence().takeover(fault).isComplete());
        double[] millis = bed.evidence().takeover(fault).millis();
        takeovers.computeIfAbsent(trouble, one -> new ArrayList<>()).add(millis[millis.length - 1]);
    }

    private void pause(TestBed bed, NodeProcess node, Duration length, boolean isLost) {
        boolean owned = bed.owners().containsValue(node.pid());
        Fault fault = node.pause();
        if (isLost && owned) {
            awaitTakeover(bed, Trouble.PAUSE_LONG, fault);
        } else {
            bed.pass(length);
        }
        node.resume();
        // Its children are stopped by it, if they run elsewhere; either is seen when all is at rest.
        bed.pass(bed.profile().renewInterval().multipliedBy(2));
    }
}
