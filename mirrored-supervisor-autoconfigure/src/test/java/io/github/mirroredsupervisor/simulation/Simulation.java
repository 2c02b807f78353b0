package io.github.mirroredsupervisor.simulation;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.SupervisorEvent.ChildAdopted;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.Takeover;
import io.github.mirroredsupervisor.internal.context.ArgumentMapper;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.context.HighestToken;
import io.github.mirroredsupervisor.internal.lease.OnStuckChild;
import io.github.mirroredsupervisor.internal.lease.PeerSettings;
import io.github.mirroredsupervisor.internal.peer.PeerEnvironment;
import io.github.mirroredsupervisor.internal.peer.PeerRuntime;
import io.github.mirroredsupervisor.internal.platform.PeerMonitor;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.supervision.run.Fence;
import io.github.mirroredsupervisor.internal.supervision.run.PlayedRun;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.simulation.SimulatedNetwork.Trouble;
import io.github.mirroredsupervisor.simulation.SimulatedStore.Line;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One schedule: peers of the production code, each on a simulated machine, over a simulated database, with faults drawn
 * from a seed. The same seed gives the same schedule.
 */
final class Simulation {

    static final Duration LEASE = Duration.ofMillis(600);

    private static final Duration STOP_BOUND = LEASE.dividedBy(6);

    /** How long after the last fault earlier messages may still arrive. */
    private static final Duration ECHOES = LEASE.multipliedBy(3);

    /** How long after that it may take at most until everything is in order. */
    private static final Duration QUIET = LEASE.multipliedBy(12);

    private static final String GROUP = "orders";
    private static final String TYPE = "played";

    /** What can happen. */
    enum Fault {
        KILL,
        PAUSE,
        LEAVE,
        SLOW,
        LOST_REQUESTS,
        LOST_REPLIES,
        LOSSY,
        LATE_REQUESTS,
        FADING,
        SILENCE,
        REFUSAL,
        SESSIONS,
        COMMAND,
        MOVE,
        CRASH
    }

    private final Strategy strategy;
    private final int concurrentStarts;
    private final SimulatedWorld world;
    private final SimulatedDatabase database;
    private final SimulatedNetwork.Availability server = new SimulatedNetwork.Availability();
    private final SimulationWitness witness;
    private final List<Seat> seats = new ArrayList<>();
    private final List<String> declared;
    private final List<String> dynamic;
    private final List<String> children;
    private final Set<String> immediate;
    private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    private int servers = 1;
    private final SplittableRandom fate;
    private long takenOver;
    private int restores;
    private boolean crashNext;
    private boolean isCalm;
    private SimulatedDatabase.@Nullable Copy backup;

    /** What a schedule did. */
    record Result(
            Map<Fault, Integer> faults,
            long runs,
            long moves,
            long takenOver,
            long certificates,
            long restores,
            int events) {}

    Simulation(long seed) {
        this(seed, Strategy.values()[Math.floorMod(seed, Strategy.values().length)]);
    }

    /** Uses the given strategy instead of the one drawn from the seed. */
    Simulation(long seed, Strategy strategy) {
        this.strategy = strategy;
        this.concurrentStarts = seed % 2 == 0 ? 1 : 2; // one child after another, or together
        this.world = new SimulatedWorld(seed);
        this.fate = new SplittableRandom(~seed); // separate, so that restores change nothing else
        // Three peers would all watch each other, so in every other schedule a peer watches only the one before it.
        this.database = seed % 2 == 0 ? new SimulatedDatabase(world::now) : new SimulatedDatabase(world::now, 1, 1);
        this.declared = names("s", world.random.nextInt(3));
        this.dynamic = names("d", 1 + world.random.nextInt(2));
        this.children = Stream.concat(declared.stream(), dynamic.stream()).toList();
        this.immediate = children.stream().filter(id -> world.chance(0.3)).collect(Collectors.toUnmodifiableSet());
        this.witness = new SimulationWitness(world, database, server, LEASE, STOP_BOUND, immediate);
        database.onDeath(witness::certified);
        database.onGrantByWhatWasForgotten(witness::grantedByWhatWasForgotten);
        double untold = world.chance(0.3) ? 0.5 : 0.1;
        database.telling(() -> isCalm || !world.chance(untold));
    }

    private ChildSpec spec(String id) {
        ChildSpec spec = ChildSpec.of(id, TYPE);
        return immediate.contains(id) ? spec.withTakeover(Takeover.IMMEDIATE) : spec;
    }

    private static List<String> names(String kind, int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> kind + i).toList();
    }

    /**
     * Plays the schedule.
     *
     * @throws SimulationWitness.Broken if a promise was broken
     */
    Result play() {
        for (int i = 1; i <= 3; i++) {
            Seat seat = new Seat("peer-" + i);
            seats.add(seat);
            world.at(world.upTo(LEASE.toNanos() / 2), null, seat::start);
        }
        world.at(LEASE.toNanos(), null, this::addDynamic);
        int count = 1 + world.random.nextInt(12);
        // Combined faults find errors that single ones do not.
        long within = (world.chance(0.5) ? LEASE : LEASE.multipliedBy(5)).toNanos();
        long from = LEASE.multipliedBy(2).toNanos();
        for (int i = 0; i < count; i++) {
            world.at(from + world.upTo(within), null, this::disturb);
        }
        boolean goesBack = fate.nextInt(8) == 0;
        if (goesBack) {
            world.at(from + fate.nextLong(within), null, this::backUp);
            world.at(from + within + fate.nextLong(LEASE.toNanos()), null, this::restore);
        }
        run(from + within + LEASE.toNanos());
        calm();
        settle();
        if (goesBack) {
            restoreWithAWrongClock();
            createAgainWithAWrongClock();
        }
        return new Result(
                faults, witness.begun, witness.moved, takenOver, witness.certificates, restores, world.events());
    }

    private void backUp() {
        witness.tell("back up");
        backup = database.copy();
    }

    private void restore() {
        if (backup != null) {
            witness.restored();
            restores++;
            List<String> known = present(dynamic);
            database.restore(backup);
            List<String> left = present(dynamic);
            witness.forgotten(known.stream().filter(id -> !left.contains(id)).toList());
        }
    }

    private List<String> present(List<String> ids) {
        return ids.stream().filter(id -> database.token(id) != null).toList();
    }

    /**
     * If all processes live long enough to have read every token, they know the greatest one. Then the clock need not
     * be a lower bound.
     */
    private void restoreWithAWrongClock() {
        for (int i = fate.nextInt(3); i >= 0; i--) {
            backUp();
            children.forEach(child -> {
                command(child);
                run(world.now() + LEASE.toNanos());
            });
        }
        run(world.now() + LEASE.multipliedBy(4).toNanos());
        database.setClockBack();
        restore();
        settle();
    }

    /**
     * When the child is created again, no process that remembers its tokens is left. Then the rows must have the
     * greatest one.
     */
    private void createAgainWithAWrongClock() {
        List<String> present = present(dynamic);
        if (!present.isEmpty()) {
            String child = present.get(fate.nextInt(present.size()));
            command(child);
            run(world.now() + LEASE.toNanos());
            witness.tell("remove " + child);
            database.remove(
                    this,
                    GROUP,
                    database.rows(GROUP, Set.of(child)).stream()
                            .map(OwnedToken::of)
                            .toList());
            run(world.now() + LEASE.toNanos());
            seats.forEach(Seat::again);
            run(world.now() + LEASE.toNanos());
            add(List.of(child));
            settle();
        }
    }

    /** The final state must be reached by this time, and must last. */
    private void settle() {
        run(world.now() + ECHOES.toNanos());
        long limit = world.now() + QUIET.toNanos();
        while (!isAtRest() && world.now() < limit) {
            run(world.now() + LEASE.toNanos() / 4);
        }
        run(world.now() + LEASE.toNanos());
        witness.check();
        witness.atRest(children);
    }

    private boolean isAtRest() {
        return seats.stream().noneMatch(seat -> seat.leaving) && witness.isAtRest(children);
    }

    /** The promise that the seed's schedule breaks; null if none. */
    static @Nullable String broken(long seed) {
        Simulation simulation = new Simulation(seed);
        try {
            simulation.play();
            return null;
        } catch (SimulationWitness.Broken e) {
            return e.getMessage() + simulation.story();
        }
    }

    private void run(long until) {
        world.runUntil(() -> false, until);
    }

    String story() {
        return witness.story();
    }

    /** Adds the first children, as a call on a peer does, before any fault. */
    private void addDynamic() {
        add(dynamic);
    }

    private void add(List<String> ids) {
        for (Seat seat : seats) {
            PeerRuntime owner = seat.runtime;
            if (owner != null && database.stateOf(owner.incarnation().id()) == PeerState.ALIVE) {
                ids.forEach(id ->
                        database.insert(GROUP, spec(id), owner.incarnation().id()));
                return;
            }
        }
        world.at(world.now() + LEASE.toNanos() / 4, null, () -> add(ids)); // no peer has joined yet
    }

    private void disturb() {
        Fault fault = Fault.values()[world.random.nextInt(Fault.values().length)];
        Seat seat = seats.get(world.random.nextInt(seats.size()));
        long length = world.upTo(LEASE.multipliedBy(3).toNanos());
        faults.merge(fault, 1, Integer::sum);
        witness.tell(fault + " " + seat.label + " for " + length / 1_000_000 + " ms");
        switch (fault) {
            case KILL -> seat.kill(length);
            case PAUSE -> seat.pause(length);
            case LEAVE -> seat.leave();
            case SLOW -> seat.disturb(Trouble.SLOW, length);
            case LOST_REQUESTS -> seat.disturb(Trouble.LOSES_REQUESTS, length);
            case LOST_REPLIES -> seat.disturb(Trouble.LOSES_REPLIES, length);
            case LOSSY -> seat.disturb(Trouble.LOSSY, length);
            case LATE_REQUESTS -> seat.disturb(Trouble.LATE_REQUESTS, length);
            case FADING -> seat.disturb(Trouble.FADING, length);
            case SILENCE -> away(length, true);
            case REFUSAL -> away(length, false);
            case SESSIONS -> seat.dropSessions();
            case COMMAND -> command();
            case MOVE -> move(seat.runtime);
            case CRASH -> crashNext = true;
        }
    }

    private void away(long length, boolean inSilence) {
        server.away(world.now(), world.now() + length, inSilence);
        database.sessions().becomes("server " + ++servers);
    }

    private void command() {
        command(children.get(world.random.nextInt(children.size())));
    }

    private void command(String child) {
        for (ChildRow row : database.rows(GROUP, Set.of(child))) {
            database.command(this, GROUP, child, row.revision(), Command.RESTART, DesiredState.RUNNING, null);
        }
    }

    private void move(@Nullable PeerRuntime target) {
        String child = children.get(world.random.nextInt(children.size()));
        for (ChildRow row : database.rows(GROUP, Set.of(child))) {
            PeerId to = target == null ? null : target.incarnation().id();
            database.requestMove(this, GROUP, child, row.revision(), to);
        }
    }

    /** From now on there are no faults, and every process runs. */
    private void calm() {
        witness.tell("calm");
        isCalm = true;
        server.away(world.now(), world.now(), false);
        for (Seat seat : seats) {
            seat.calm();
        }
    }

    /** A slot that has one process after the other. */
    private final class Seat {

        private final String label;
        private @Nullable SimulatedProcess process;
        private @Nullable SimulatedNetwork network;
        private @Nullable SimulatedStore store;
        private @Nullable PeerRuntime runtime;
        private boolean leaving;

        private Seat(String label) {
            this.label = label;
        }

        private void start() {
            SimulatedProcess born = new SimulatedProcess(world, 0.996 + world.random.nextDouble() * 0.008);
            SimulatedNetwork lines = new SimulatedNetwork(world, born, server, LEASE);
            SimulatedStore connections = new SimulatedStore(database, lines, born::hinted, world.random::nextLong);
            if (isCalm) {
                lines.calm();
            }
            process = born;
            network = lines;
            store = connections;
            runtime = null;
            leaving = false;
            world.at(world.now(), born, () -> join(born, connections));
        }

        /** Tries until it has joined. An application whose start fails is started again. */
        private void join(SimulatedProcess born, SimulatedStore connections) {
            PeerRuntime next = new PeerRuntime(
                    new PeerSettings(
                            label,
                            "host",
                            1,
                            LEASE,
                            LEASE.dividedBy(5),
                            STOP_BOUND,
                            LEASE.multipliedBy(10),
                            OnStuckChild.REPORT,
                            0),
                    List.of(definition()),
                    connections,
                    environment(born));
            var unused = next.begin().whenComplete((done, failure) -> {
                if (failure == null) {
                    runtime = next;
                    witness.tell("join  " + label + " as "
                            + next.incarnation().id().toString().substring(0, 4));
                } else {
                    born.kill();
                    connections.endSessions();
                    startAfter(born, LEASE.toNanos() / 2);
                }
            });
        }

        private GroupDefinition definition() {
            Duration delay = Duration.ofMillis(100);
            GroupSettings settings = new GroupSettings(
                    GROUP,
                    strategy,
                    1,
                    Duration.ofSeconds(5),
                    delay,
                    GroupSettings.longestDelay(delay),
                    concurrentStarts,
                    GroupPolicies.DEFAULT);
            return new GroupDefinition(
                    settings,
                    Map.of(TYPE, Simulation::neverRun),
                    declared.stream().map(Simulation.this::spec).toList());
        }

        private PeerEnvironment environment(SimulatedProcess born) {
            ThreadFactory runs = run -> PlayedRun.of(run, played -> begin(born, played), played -> told(born, played));
            return new PeerEnvironment(
                    new ArgumentMapper() {
                        @Override
                        public <T> T convert(Map<String, Object> arguments, Class<T> type) {
                            throw new IllegalArgumentException("there are no arguments");
                        }
                    },
                    new Listening(),
                    runs,
                    new WorldClock(world),
                    Fence.unavailable("nothing is written here"),
                    Map.of(),
                    born,
                    () -> {},
                    new HighestToken(),
                    Duration.ZERO);
        }

        private void begin(SimulatedProcess on, PlayedRun run) {
            on.later(world.upTo(2_000_000), () -> {
                if (run.begin()) {
                    witness.began(on, run);
                    on.later(world.upTo(5_000_000), () -> settled(on, run));
                }
            });
        }

        private void settled(SimulatedProcess on, PlayedRun run) {
            run.initReturned();
            if (crashNext) {
                crashNext = false;
                witness.ended(run);
                run.crash();
            } else if (run.isStopping()) {
                stop(on, run);
            }
        }

        private void told(SimulatedProcess on, PlayedRun run) {
            stop(on, run);
        }

        /** Stops in time, as assumption A3 requires of a child. */
        private void stop(SimulatedProcess on, PlayedRun run) {
            if (witness.stopping(run)) {
                on.later(world.upTo(STOP_BOUND.toNanos() * 9 / 10), () -> {
                    witness.ended(run);
                    run.end();
                });
            }
        }

        private void kill(long length) {
            SimulatedStore connections = store;
            if (process != null && connections != null && process.isAlive()) {
                process.kill();
                if (world.chance(0.8)) { // otherwise its machine is gone too, and the server does not notice
                    world.at(world.now() + world.upTo(LEASE.toNanos() / 20), null, connections::endSessions);
                }
                startAfter(process, length);
            }
        }

        /** Starts the next process after one that has ended, unless another one has been started already. */
        private void startAfter(SimulatedProcess last, long delay) {
            world.at(world.now() + delay, null, () -> {
                if (process == last) {
                    start();
                }
            });
        }

        /** Ends the sessions; the process lives on. */
        private void dropSessions() {
            if (store != null) {
                store.endSessions();
            }
        }

        private void pause(long length) {
            SimulatedProcess present = process;
            if (present != null && present.isAlive()) {
                present.pause();
                world.at(world.now() + length, null, present::resume);
            }
        }

        private void leave() {
            PeerRuntime present = runtime;
            SimulatedProcess on = process;
            if (present != null && on != null && on.isAlive()) {
                leaving = true;
                world.at(world.now(), on, () -> present.stop().thenRun(() -> left(on)));
            }
        }

        private void left(SimulatedProcess on) {
            witness.tell("left  " + label);
            world.at(world.now() + LEASE.toNanos(), null, () -> {
                if (process == on && on.isAlive()) {
                    again();
                }
            });
        }

        private void again() {
            if (process != null) {
                process.kill();
            }
            dropSessions();
            start();
        }

        private void disturb(Trouble trouble, long length) {
            SimulatedNetwork present = network;
            if (present != null) {
                Line line = Line.values()[world.random.nextInt(2)];
                present.disturb(line, trouble);
                world.at(world.now() + length, null, () -> present.disturb(line, Trouble.NONE));
            }
        }

        private void calm() {
            if (process != null) {
                process.resume();
            }
            if (network != null) {
                network.calm();
            }
        }
    }

    private static ChildProcess neverRun() {
        throw new IllegalStateException("runs are played here");
    }

    private final class Listening implements PeerMonitor {
        @Override
        public void event(SupervisorEvent event) {
            if (event instanceof ChildAdopted adopted && adopted.cause() == StartCause.TAKEN_OVER) {
                takenOver++;
            }
        }

        @Override
        public void renewed(Duration took) {}

        @Override
        public void renewalFailed() {}
    }

    private static final class WorldClock extends Clock {
        private final SimulatedWorld world;

        private WorldClock(SimulatedWorld world) {
            this.world = world;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH.plusNanos(world.now());
        }
    }
}
