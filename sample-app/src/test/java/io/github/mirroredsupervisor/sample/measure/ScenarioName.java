package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException;
import io.github.mirroredsupervisor.sample.witness.Fault;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What can be measured, in the order of execution. */
enum ScenarioName {
    KILL(ClusterKind.BUSY),
    PAUSE(ClusterKind.BUSY),
    STOP(ClusterKind.BUSY),
    SESSIONS(ClusterKind.BUSY),
    LOCK(ClusterKind.BUSY),
    RESTART(ClusterKind.BUSY),
    OUTAGE(ClusterKind.BUSY),
    IMMEDIATE(ClusterKind.IMMEDIATE),
    FALSE_ALARM(ClusterKind.IMMEDIATE),
    RESET(ClusterKind.PROXIED),
    RESET_IMMEDIATE(ClusterKind.PROXIED_IMMEDIATE),
    SOAK(ClusterKind.SOAK),
    PROMOTION_SYNCHRONOUS(ClusterKind.PROXIED),
    PROMOTION_ASYNCHRONOUS(ClusterKind.PROXIED),
    PATRONI(ClusterKind.PATRONI),
    TWO_PRIMARIES(ClusterKind.TWO_PRIMARIES),
    FENCED_PAUSE(ClusterKind.WRITERS),
    POISON(ClusterKind.POISON),
    FENCE(ClusterKind.FENCE),
    REST(ClusterKind.REST),
    SCALE(ClusterKind.SCALE);

    private final ClusterKind cluster;

    ScenarioName(ClusterKind cluster) {
        this.cluster = cluster;
    }

    /** Parses a comma-separated list; empty means all. */
    static List<ScenarioName> list(String names) {
        if (names.isEmpty()) {
            return List.of(values());
        }
        List<String> wanted = Arrays.asList(names.split(",", -1));
        String known = Arrays.stream(values()).map(ScenarioName::label).collect(Collectors.joining(", "));
        for (String name : wanted) {
            if (Arrays.stream(values()).noneMatch(value -> value.label().equals(name))) {
                throw new InvalidArgumentException("--scenario=" + name + " is unknown. Scenarios: " + known);
            }
        }
        return Arrays.stream(values())
                .filter(value -> wanted.contains(value.label()))
                .toList();
    }

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The kind of cluster that it is measured on. */
    ClusterKind cluster() {
        return cluster;
    }

    /** Creates the scenario for that many children. */
    Scenario create(int children, MeasureOptions options) {
        return switch (this) {
            case KILL -> new FaultScenario(Fault.Kind.KILL, options.settle());
            case PAUSE -> new FaultScenario(Fault.Kind.PAUSE, options.settle());
            case STOP -> new FaultScenario(Fault.Kind.STOP, options.settle());
            case SESSIONS -> new SessionsScenario(false);
            case LOCK -> new SessionsScenario(true);
            case IMMEDIATE -> new ImmediateScenario(options.settle());
            case FALSE_ALARM -> new FalseAlarmScenario();
            case RESTART -> new RestartScenario();
            case OUTAGE -> new OutageScenario();
            case RESET -> new ResetScenario(false);
            case RESET_IMMEDIATE -> new ResetScenario(true);
            case SOAK -> new SoakScenario(options);
            case PROMOTION_SYNCHRONOUS -> new PromotionScenario(true);
            case PROMOTION_ASYNCHRONOUS -> new PromotionScenario(false);
            case PATRONI -> new PatroniScenario(options);
            case TWO_PRIMARIES -> new TwoPrimariesScenario(options.replication());
            case FENCED_PAUSE -> new PausedTransactionsScenario(options.settle());
            case POISON -> new PoisonScenario(options.settle());
            case FENCE -> new FenceScenario();
            case REST -> new RestScenario();
            case SCALE -> new ScaleScenario(children);
        };
    }
}
