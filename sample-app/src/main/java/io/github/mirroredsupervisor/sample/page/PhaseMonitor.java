package io.github.mirroredsupervisor.sample.page;

import io.github.mirroredsupervisor.sample.cluster.SupervisorClient;
import io.github.mirroredsupervisor.sample.cluster.SupervisorClient.Child;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the library itself says of the children. For one thread. */
final class PhaseMonitor {

    private static final int EVERY = 3;

    private final SupervisorClient supervisor;
    private Map<String, String> phases = Map.of();
    private int round;

    PhaseMonitor(SupervisorClient supervisor) {
        this.supervisor = supervisor;
    }

    /** Asks at every third call. */
    void update() {
        if (round++ % EVERY == 0) {
            phases =
                    supervisor.group().map(group -> byId(group.whichChildren())).orElse(Map.of());
        }
    }

    @Nullable
    String phaseOf(String childId) {
        return phases.get(childId);
    }

    private static Map<String, String> byId(List<Child> children) {
        return children.stream().collect(Collectors.toMap(Child::id, Child::phase));
    }
}
