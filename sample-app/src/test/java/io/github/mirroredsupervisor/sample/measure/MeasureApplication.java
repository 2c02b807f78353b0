package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.PatroniPrograms;
import io.github.mirroredsupervisor.sample.launcher.Arguments;
import io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs scenarios on clusters that it starts, prints what each costs, and fails if a promise was broken. */
public final class MeasureApplication {

    private MeasureApplication() {}

    /**
     * Returns if every promise was kept and every target reached; ends the process with code 1 if not.
     *
     * @throws io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException if the command line cannot be used
     */
    public static void run(Arguments arguments) {
        List<Finding> findings = measure(MeasureOptions.of(arguments));
        long broken = findings.stream().filter(finding -> !finding.kept()).count();
        long late = findings.stream().filter(finding -> !finding.onTime()).count();
        System.out.printf(
                "%n%d findings: promises broken in %d, targets missed in %d%n", findings.size(), broken, late);
        if (broken + late > 0) {
            System.exit(1);
        }
    }

    private static List<Finding> measure(MeasureOptions options) {
        List<Finding> findings = new ArrayList<>();
        for (ClusterKind kind : ClusterKind.values()) {
            List<ScenarioName> scenarios = options.scenarios().stream()
                    .filter(scenario -> scenario.cluster() == kind)
                    .toList();
            if (!scenarios.isEmpty() && isPossible(kind, options)) {
                options.children(kind)
                        .forEach(children -> findings.addAll(measure(options, children, scenarios, kind)));
            }
        }
        return findings;
    }

    /** Without the programs for a failover, scenarios that nobody has named are left out. */
    private static boolean isPossible(ClusterKind kind, MeasureOptions options) {
        Optional<String> obstacle = kind.hasFailover() ? PatroniPrograms.obstacle() : Optional.empty();
        if (obstacle.isPresent() && !options.measuresAll()) {
            throw new InvalidArgumentException(obstacle.get());
        }
        obstacle.ifPresent(why -> System.out.printf("%n%s is left out. %s%n", MeasureOptions.label(kind), why));
        return obstacle.isEmpty();
    }

    /** Runs scenarios on one cluster, and prints each finding at once. */
    static List<Finding> measure(MeasureOptions options, int children, List<ScenarioName> scenarios, ClusterKind kind) {
        System.out.printf(
                "%n%d %s on 3 nodes, profile %s%n",
                children,
                children == 1 ? "child" : "children",
                options.profile().label());
        List<Finding> findings = new ArrayList<>();
        try (TestBed bed = TestBed.start(options, kind.relays(children), kind)) {
            for (ScenarioName scenario : scenarios) {
                findings.add(scenario.create(children, options).run(bed, options.cycles()));
                System.out.println("\n" + findings.get(findings.size() - 1));
            }
        } catch (MeasureException e) {
            findings.add(
                    new Finding("The cluster did not come to rest").promise(false, String.valueOf(e.getMessage())));
            System.out.println("\n" + findings.get(findings.size() - 1));
        }
        return findings;
    }
}
