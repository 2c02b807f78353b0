package io.github.mirroredsupervisor.sample.benchmark;

import io.github.mirroredsupervisor.sample.benchmark.contender.ContenderApplication;
import io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What is compared, in the order of execution, each with its fastest sensible setting. Most of the other systems are
 * only there in the Maven profile {@code benchmark}, so that classes are named by text here.
 */
enum Contender {
    IMMEDIATE(
            "ours, IMMEDIATE",
            "ImmediateContender",
            "",
            true,
            "one `@MirroredChild` with `takeover = IMMEDIATE`, no other setting. As with the next two, the work"
                    + " asks `mayRun()` before each act, and the children of `mass` are started by calls.",
            "--mirrored-supervisor.profile=balanced"),
    FAST(
            "ours, fast",
            "MirroredContender",
            "",
            true,
            "one `@MirroredChild`; `mirrored-supervisor.profile=fast`, a lease of 600 ms.",
            "--mirrored-supervisor.profile=fast"),
    BALANCED(
            "ours, balanced",
            "MirroredContender",
            "",
            true,
            "one `@MirroredChild`; no setting at all, a lease of 3 s.",
            "--mirrored-supervisor.profile=balanced"),
    LOCK(
            "session advisory lock",
            "LockContender",
            "",
            true,
            "the floor, not a product. Every process waits for `pg_advisory_lock` in a session of its"
                    + " own, and who gets it commits one row. It is given as much resident memory as `ours,"
                    + " IMMEDIATE` had in the same round, because the kernel takes longer to end a larger"
                    + " process. No lease, no token, no notice of a lost session.",
            "--mirrored-supervisor.enabled=false"),
    SPRING_INTEGRATION(
            "Spring Integration",
            "SpringIntegrationContender",
            "spring-integration-jdbc",
            false,
            "`LockRegistryLeaderInitiator` on `JdbcLockRegistry`. Time to live 600 ms and heartbeat"
                    + " 120 ms, which are lease and renewal of our profile `fast` (default: 10 s and 500 ms);"
                    + " followers try every 50 ms (100 ms); the work asks `isLeader()` before each act.",
            "--mirrored-supervisor.enabled=false"),
    SHEDLOCK(
            "ShedLock",
            "ShedLockContender",
            "shedlock-core",
            false,
            "a task that is tried every 100 ms and holds a lock of `KeepAliveLockProvider` on"
                    + " `JdbcTemplateLockProvider` with database time. `lockAtMostFor` is 30 s, the shortest"
                    + " that it accepts; it extends at half of it.",
            "--mirrored-supervisor.enabled=false"),
    DB_SCHEDULER(
            "db-scheduler",
            "DbSchedulerContender",
            "db-scheduler",
            false,
            "a recurring task that does not end. Heartbeat 150 ms, dead after four missed ones, the"
                    + " fewest that it accepts (default: 5 min and six); polling 50 ms (10 s); the work ends"
                    + " when the scheduler shuts down or the heartbeats say that it counts as dead.",
            "--mirrored-supervisor.enabled=false"),
    QUARTZ(
            "Quartz, clustered",
            "QuartzContender",
            "quartz",
            true,
            "a job that does not end, `@DisallowConcurrentExecution`, `requestsRecovery`,"
                    + " `JobStoreTX` on PostgreSQL. Check-in 500 ms (default 7.5 s; another 7.5 s of grace are"
                    + " fixed in the code); idle wait 1 s, the shortest that it accepts; jobs are interrupted at"
                    + " the shutdown.",
            "--mirrored-supervisor.enabled=false"),
    JGROUPS(
            "JGroups",
            "JGroupsContender",
            "jgroups",
            true,
            "the coordinator of the view acts. TCP, `FD_SOCK2`, `FD_ALL3` with timeout 600 ms and"
                    + " interval 120 ms, `VERIFY_SUSPECT2` 200 ms, `MERGE3` 1 to 3 s. It needs a network between"
                    + " the processes, asks no arbiter, and has two coordinators in a partition.",
            "--mirrored-supervisor.enabled=false"),
    PEKKO(
            "Pekko Cluster Singleton",
            "PekkoContender",
            "pekko-cluster_2.13",
            true,
            "a typed singleton, `keep-majority`. `stable-after` 7 s, the shortest that its"
                    + " documentation recommends (up to five nodes; it counts twice, as `down-removal-margin`"
                    + " follows it); gossip, leader actions and hand-over retries every 200 ms (1 s). It needs a"
                    + " network between the processes.",
            "--mirrored-supervisor.enabled=false");

    private final String title;
    private final String type;
    private final String artifact;
    private final boolean many;
    private final String setting;
    private final String property;

    Contender(String title, String type, String artifact, boolean many, String setting, String property) {
        this.title = title;
        this.type = type;
        this.artifact = artifact;
        this.many = many;
        this.setting = setting;
        this.property = property;
    }

    /**
     * Parses a comma-separated list; empty means all that there are.
     *
     * @throws InvalidArgumentException if a name is unknown, or its libraries are not there
     */
    static List<Contender> list(String names) {
        if (names.isEmpty()) {
            return Arrays.stream(values()).filter(Contender::isAvailable).toList();
        }
        List<String> wanted = List.of(names.split(",", -1));
        wanted.forEach(Contender::of);
        List<Contender> chosen = Arrays.stream(values())
                .filter(contender -> wanted.contains(contender.label()))
                .toList();
        for (Contender contender : chosen) {
            if (!contender.isAvailable()) {
                throw new InvalidArgumentException("--systems: the libraries of '" + contender.label()
                        + "' are missing: run Maven with -Pbenchmark");
            }
        }
        return chosen;
    }

    static Contender of(String name) {
        return Arrays.stream(values())
                .filter(contender -> contender.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new InvalidArgumentException("--systems: there is no '" + name + "'. Systems: "
                        + Arrays.stream(values()).map(Contender::label).collect(Collectors.joining(", "))));
    }

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String title() {
        return title;
    }

    /** The Maven artifact whose version is told; empty for what has none of its own. */
    String artifact() {
        return artifact;
    }

    /** One or two sentences on how it is set up. */
    String setting() {
        return setting;
    }

    /** Spring's argument for its processes. */
    String property() {
        return property;
    }

    boolean supports(Strike strike) {
        return strike != Strike.MASS || many;
    }

    private boolean isAvailable() {
        try {
            type();
            return true;
        } catch (InvalidArgumentException e) {
            return false;
        }
    }

    /** The configuration class of its application. */
    Class<?> type() {
        try {
            return Class.forName(
                    ContenderApplication.class.getPackageName() + "." + type, false, Contender.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new InvalidArgumentException("'" + label() + "' is not on the class path");
        }
    }
}
