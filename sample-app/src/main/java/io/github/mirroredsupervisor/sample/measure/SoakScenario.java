package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.launcher.NodeProcess;
import io.github.mirroredsupervisor.sample.measure.Tally.Cycle;
import io.github.mirroredsupervisor.sample.measure.Trouble.Reach;
import io.github.mirroredsupervisor.sample.witness.Fault;
import io.github.mirroredsupervisor.sample.witness.Run;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;

/** A schedule of all troubles there are, and then the whole list of checks. */
final class SoakScenario implements Scenario {

    private static final int PROGRESS = 25;

    private final MeasureOptions options;
    private final Tally tally = new Tally();

    SoakScenario(MeasureOptions options) {
        this.options = options;
    }

    @Override
    public Finding run(TestBed bed, int cycles) {
        bed.awaitRest();
        List<Strike> schedule =
                Strike.schedule(options.seed(), cycles, bed.cluster().nodes().size());
        MeasureException unrest = null;
        try {
            strikeAll(bed, schedule);
        } catch (MeasureException e) {
            unrest = e;
        }
        Finding finding = new Checks(bed, tally)
                .finding("%d of %d strikes drawn by --seed=%d, %s"
                        .formatted(tally.strikes(), cycles, options.seed(), bed.serverVersion()));
        if (unrest != null) {
            finding.promise(false, String.valueOf(unrest.getMessage()));
        }
        Path folder = options.report();
        if (folder != null) {
            new SoakReport(options, tally, finding).write(folder);
        }
        return finding;
    }

    private void strikeAll(TestBed bed, List<Strike> schedule) {
        Nemesis nemesis = new Nemesis(bed);
        for (Strike strike : schedule) {
            bed.pass(Duration.ofNanos((long) (bed.profile().lease().toNanos() * strike.rest())));
            cycle(bed, nemesis, strike);
            if (strike.number() % PROGRESS == 0 || bed.evidence().isBroken()) {
                System.out.printf("%s   %d moves so far%n", strike, tally.moves());
            }
            if (bed.evidence().isBroken()) {
                return; // what led to it is fresh in the logs
            }
        }
    }

    private void cycle(TestBed bed, Nemesis nemesis, Strike strike) {
        Map<String, Long> before = bed.owners();
        Map<String, Run> newest = newest(bed);
        NodeProcess node =
                strike.node() == 0 ? bed.busiestNode() : bed.cluster().node(strike.node());
        long pid = node.pid();
        long from = System.nanoTime();
        List<Fault> faults;
        try {
            faults = nemesis.strike(strike, node);
            bed.awaitRest();
        } catch (MeasureException e) {
            throw new MeasureException("In strike " + strike + ": " + e.getMessage());
        }
        for (Fault fault : faults) {
            bed.evidence()
                    .findTakeover(fault)
                    .map(takeover -> takeover.millis())
                    .filter(millis -> millis.length > 0)
                    .ifPresent(millis -> tally.takeover(strike.trouble(), millis[millis.length - 1]));
        }
        long to = System.nanoTime();
        List<Run> runs = bed.evidence().runs().stream()
                .filter(run -> run.endNanos() == null || run.endNanos() - from > 0)
                .toList();
        Map<String, Long> after = bed.owners();
        List<Entry<String, Long>> moved = before.entrySet().stream()
                .filter(owned -> !owned.getValue().equals(after.get(owned.getKey())))
                .toList();
        int unexplained = (int) moved.stream()
                .filter(owned -> !concerns(strike, pid, owned.getValue()))
                .count();
        tally.add(new Cycle(strike, gap(runs, newest), from, to, runs), strike.trouble(), moved.size(), unexplained);
        bed.evidence().forgetBefore(from);
    }

    private static boolean concerns(Strike strike, long pid, long owner) {
        Reach reach = strike.trouble().reach();
        return reach == Reach.EVERYBODY || (reach == Reach.NODE && owner == pid);
    }

    private static Map<String, Run> newest(TestBed bed) {
        Map<String, Run> newest = new HashMap<>();
        bed.evidence().newestRuns().forEach(run -> newest.put(run.child(), run));
        return newest;
    }

    /** The longest time between the end of a run and the beginning of the next, in milliseconds. */
    private static double gap(List<Run> runs, Map<String, Run> newest) {
        Map<String, Run> last = new HashMap<>(newest);
        double longest = 0;
        for (Run run :
                runs.stream().sorted(Comparator.comparingLong(Run::beginNanos)).toList()) {
            Run before = last.put(run.child(), run);
            Run ended = before == null ? null : same(before, runs);
            if (ended != null && ended.endNanos() != null && !ended.equals(run)) {
                longest = Math.max(longest, (run.beginNanos() - ended.endNanos()) / 1e6);
            }
        }
        return longest;
    }

    /** As it is known by now. */
    private static Run same(Run before, List<Run> runs) {
        return runs.stream()
                .filter(run -> run.token() == before.token()
                        && run.pid() == before.pid()
                        && run.child().equals(before.child()))
                .findFirst()
                .orElse(before);
    }
}
