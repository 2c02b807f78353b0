package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.PatroniCluster.Replication;
import io.github.mirroredsupervisor.sample.launcher.Arguments;
import io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is measured.
 *
 * @param profile the library's profile
 * @param cycles how often each fault is caused
 * @param scenarios which
 * @param children the numbers of children; one cluster for each number
 * @param restChildren the same for the cluster at rest
 * @param scaleChildren the numbers of idle children; one cluster for each number
 * @param settle how long to wait before a fault whose effect is timed: a node that has just started is still busy, and
 *     so is the machine
 * @param seed the seed of random faults
 * @param pooler the mode of a PgBouncer before the database, in clusters whose connections can be disturbed; null for
 *     none
 * @param route how the nodes find the primary among several servers
 * @param replication how those follow it
 * @param report the folder for a report of the soak; null for none
 * @param basePort the first node's port
 * @param properties Spring's arguments for the nodes
 */
record MeasureOptions(
        Profile profile,
        int cycles,
        List<ScenarioName> scenarios,
        List<Integer> children,
        List<Integer> restChildren,
        List<Integer> scaleChildren,
        Duration settle,
        long seed,
        @Nullable String pooler,
        Route route,
        Replication replication,
        @Nullable Path report,
        int basePort,
        List<String> properties) {

    /** How a node finds the primary. */
    enum Route {
        /** Something between knows which server it is. */
        HAPROXY,
        /** The URL names both servers, and the driver asks them. */
        MULTI_HOST
    }

    private static final Set<String> NAMES = Set.of(
            "profile",
            "cycles",
            "scenario",
            "children",
            "rest-children",
            "scale-children",
            "settle",
            "seed",
            "pooler",
            "route",
            "replication",
            "report",
            "base-port");

    static MeasureOptions of(Arguments arguments) {
        arguments.requireKnown(NAMES);
        if (arguments.properties().stream().anyMatch(property -> property.startsWith("--spring.datasource.url"))) {
            throw new InvalidArgumentException(
                    "The measurement stops and restarts its database, so it starts one of its own: leave"
                            + " --spring.datasource.url out");
        }
        return new MeasureOptions(
                Profile.of(arguments.text("profile", "balanced")),
                arguments.number("cycles", 20, 1, 1_000_000),
                ScenarioName.list(arguments.text("scenario", "")),
                numbers("children", arguments.text("children", "20,1")),
                numbers("rest-children", arguments.text("rest-children", "1,1000")),
                numbers("scale-children", arguments.text("scale-children", "1000,10000")),
                Duration.ofMillis(arguments.number("settle", 3_000, 0, 60_000)),
                arguments.number("seed", ThreadLocalRandom.current().nextInt(1, 1_000_000), 1, 1_000_000),
                pooler(arguments.text("pooler", "none")),
                choice("route", arguments, Route.HAPROXY),
                choice("replication", arguments, Replication.SYNCHRONOUS),
                report(arguments.text("report", "")),
                arguments.number("base-port", 8181, 1, 65_000),
                arguments.properties());
    }

    private static @Nullable String pooler(String mode) {
        if (!Set.of("none", "session", "transaction").contains(mode)) {
            throw new InvalidArgumentException(
                    "--pooler=" + mode + " cannot be used: none (the default), session or transaction");
        }
        return mode.equals("none") ? null : mode;
    }

    private static <E extends Enum<E>> E choice(String name, Arguments arguments, E fallback) {
        String text = arguments.text(name, label(fallback));
        E[] all = fallback.getDeclaringClass().getEnumConstants();
        return Arrays.stream(all)
                .filter(value -> label(value).equals(text))
                .findFirst()
                .orElseThrow(() -> new InvalidArgumentException("--" + name + "=" + text + " cannot be used: "
                        + Arrays.stream(all).map(MeasureOptions::label).collect(Collectors.joining(" or "))));
    }

    static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static @Nullable Path report(String folder) {
        return folder.isEmpty() ? null : Path.of(folder);
    }

    private static List<Integer> numbers(String name, String list) {
        return Arrays.stream(list.split(",", -1))
                .map(text -> number(name, text))
                .toList();
    }

    private static int number(String name, String text) {
        if (!text.matches("[1-9]\\d{0,4}")) {
            throw new InvalidArgumentException("--" + name + "=" + text + " cannot be used: numbers from 1 to 99999");
        }
        return Integer.parseInt(text);
    }

    List<Integer> children(ClusterKind kind) {
        return switch (kind) {
            case BUSY, IMMEDIATE, PROXIED, PROXIED_IMMEDIATE, SOAK, PATRONI, TWO_PRIMARIES, WRITERS, POISON -> children;
            case FENCE -> List.of(1);
            case REST -> restChildren;
            case SCALE -> scaleChildren;
        };
    }

    boolean measuresAll() {
        return scenarios.size() == ScenarioName.values().length;
    }

    /** The nodes' arguments. */
    List<String> nodeProperties(ClusterKind kind) {
        List<String> all = new ArrayList<>();
        all.add("--mirrored-supervisor.profile=" + profile.label());
        all.addAll(kind.properties());
        all.addAll(properties);
        return List.copyOf(all);
    }
}
