package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.cluster.WallClock;
import io.github.mirroredsupervisor.sample.measure.Dossier.Feats;
import io.github.mirroredsupervisor.sample.measure.Tally.Cycle;
import io.github.mirroredsupervisor.sample.measure.Trouble.Reach;
import io.github.mirroredsupervisor.sample.witness.Fault;
import io.github.mirroredsupervisor.sample.witness.Run;
import io.github.mirroredsupervisor.sample.witness.Takeover;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Map.Entry;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A schedule of all kinds of trouble, and then all checks. */
final class SoakScenario implements Scenario {

    private static final int PROGRESS = 25;

    private static final String ROWS = """
            select c.id, c.fencing_token, p.pid
              from mirrored_supervisor.child c
              left join mirrored_supervisor.peer p on p.id = c.owner and p.state = 'ALIVE'
             where c.desired = 'RUNNING'
            """;

    private final MeasureOptions options;
    private final Tally tally = new Tally();

    SoakScenario(MeasureOptions options) {
        this.options = options;
    }

    @Override
    public Finding run(TestBed bed, int cycles) {
        bed.awaitRest();
        List<Trouble> troubles = Trouble.possible(WallClock.available());
        List<Strike> schedule =
                Strike.schedule(options.seed(), cycles, bed.cluster().nodes().size(), troubles);
        Nemesis nemesis = new Nemesis(bed);
        Inquest inquest = new Inquest(bed.jdbc(), bed.serverClock());
        String unrest = null;
        try {
            strikeAll(bed, schedule, nemesis, inquest);
        } catch (RuntimeException e) { // the checks are made even so
            unrest = String.valueOf(e.getMessage());
        }
        inquest.collect();
        bed.evidence().update();
        Feats feats = tally.feats(troubles.size(), nemesis.statementKills(), bed.failedStarts());
        Dossier dossier = dossier(bed, cycles, feats, inquest, unrest);
        Finding finding = new Checks(dossier, bed.evidence()).finding();
        Path folder = options.report();
        if (folder != null) {
            new SoakReport(options, tally, finding).write(folder);
            dossier.save(folder, bed.cluster().witness());
        }
        return finding;
    }

    private Dossier dossier(TestBed bed, int cycles, Feats feats, Inquest inquest, @Nullable String unrest) {
        return new Dossier(
                String.format(
                        Locale.ROOT,
                        "%d of %d strikes drawn by --seed=%d, %s",
                        feats.strikes(),
                        cycles,
                        options.seed(),
                        bed.serverVersion()),
                bed.children(),
                feats,
                unrest,
                bed.evidence().faults(),
                inquest.deaths(),
                rows(bed),
                bed.evidence().audit(),
                bed.resource().report());
    }

    /** The token and the owner's process of each child that shall run, from the rows. */
    static Map<String, String> rows(TestBed bed) {
        Map<String, String> rows = new TreeMap<>();
        bed.jdbc().sql(ROWS).query(row -> {
            rows.put(row.getString("id"), row.getLong("fencing_token") + " in " + row.getLong("pid"));
        });
        return rows;
    }

    private void strikeAll(TestBed bed, List<Strike> schedule, Nemesis nemesis, Inquest inquest) {
        for (Strike strike : schedule) {
            bed.pass(Duration.ofNanos((long) (bed.profile().lease().toNanos() * strike.rest())));
            cycle(bed, nemesis, strike);
            inquest.collect();
            if (strike.number() % PROGRESS == 0 || bed.evidence().isBroken()) {
                System.out.printf("%s   %d moves so far%n", strike, tally.moves());
            }
            if (bed.evidence().isBroken()) {
                return; // stop here, while the cause is at the end of the logs
            }
        }
    }

    private void cycle(TestBed bed, Nemesis nemesis, Strike strike) {
        Map<String, Long> before = bed.owners();
        NodeProcess node =
                strike.node() == 0 ? bed.busiestNode() : bed.cluster().node(strike.node());
        long pid = node.pid();
        long from = System.nanoTime();
        try {
            nemesis.strike(strike, node).forEach(fault -> noteTakeover(bed, strike, fault));
            bed.awaitRest();
        } catch (MeasureException e) {
            throw new MeasureException("In strike " + strike + ": " + e.getMessage());
        }
        List<Run> runs = bed.evidence().runs().stream()
                .filter(run -> run.endNanos() == null || run.endNanos() - from > 0)
                .toList();
        Map<String, Long> after = bed.owners();
        List<Long> losers = before.entrySet().stream()
                .filter(owned -> !owned.getValue().equals(after.get(owned.getKey())))
                .map(Entry::getValue)
                .toList();
        int unexplained = (int)
                losers.stream().filter(owner -> !concerns(strike, pid, owner)).count();
        tally.add(
                new Cycle(strike, gap(runs), from, System.nanoTime(), runs),
                strike.trouble(),
                losers.size(),
                unexplained);
        bed.evidence().forgetBefore(from);
    }

    private void noteTakeover(TestBed bed, Strike strike, Fault fault) {
        bed.evidence()
                .findTakeover(fault)
                .map(Takeover::millis)
                .filter(millis -> millis.length > 0)
                .ifPresent(millis -> tally.takeover(strike.trouble(), millis[millis.length - 1]));
    }

    private static boolean concerns(Strike strike, long pid, long owner) {
        Reach reach = strike.trouble().reach();
        return reach == Reach.EVERYBODY || (reach == Reach.NODE && owner == pid);
    }

    /** The longest time between the end of a child's run and the beginning of its next run, in milliseconds. */
    private static double gap(List<Run> runs) {
        Map<String, Run> last = new HashMap<>();
        double longest = 0;
        for (Run run :
                runs.stream().sorted(Comparator.comparingLong(Run::beginNanos)).toList()) {
            Run before = last.put(run.child(), run);
            if (before != null && before.endNanos() != null) {
                longest = Math.max(longest, (run.beginNanos() - before.endNanos()) / 1e6);
            }
        }
        return longest;
    }
}
