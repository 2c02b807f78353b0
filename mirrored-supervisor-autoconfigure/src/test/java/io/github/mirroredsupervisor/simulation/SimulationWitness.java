package io.github.mirroredsupervisor.simulation;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.internal.supervision.run.PlayedRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Observes every begin and end of a run and every certificate, and checks the promises. */
final class SimulationWitness {

    /** A schedule that breaks a promise. */
    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Broken(String what) {
            super(what);
        }
    }

    private record Active(SimulatedProcess process, PlayedRun run) {}

    private final SimulatedWorld world;
    private final SimulatedDatabase database;
    private final SimulatedNetwork.Availability server;
    private final Duration lease;
    private final Duration stopBound;

    /** Children whose runs may overlap; for these only the tokens are checked. */
    private final Set<String> immediate;

    private final Map<String, List<Active>> active = new HashMap<>();
    private final Map<String, Long> lastToken = new HashMap<>();
    private final Map<String, Set<Long>> used = new HashMap<>();
    private final Map<String, SimulatedProcess> lastProcess = new HashMap<>();
    private @Nullable Broken first;
    private final Set<PlayedRun> stopping = new HashSet<>();

    /** Children that are not in the backup that the database was restored from. */
    private final Set<String> forgotten = new HashSet<>();

    private final StringBuilder story = new StringBuilder();

    /**
     * After a restore, the promises on the order of grants hold only for what the database still has. All other
     * promises hold without exception.
     */
    private boolean isForgetful;

    long begun;
    long moved;
    long certificates;

    SimulationWitness(
            SimulatedWorld world,
            SimulatedDatabase database,
            SimulatedNetwork.Availability server,
            Duration lease,
            Duration stopBound,
            Set<String> immediate) {
        this.world = world;
        this.database = database;
        this.server = server;
        this.lease = lease;
        this.stopBound = stopBound;
        this.immediate = immediate;
    }

    void tell(String what) {
        story.append("\n  ").append(world.now() / 1_000_000).append(" ms ").append(what);
    }

    String story() {
        return story.toString();
    }

    /** Protocol rule 11b. */
    void grantedByWhatWasForgotten(PeerId owner) {
        broken("P1: children are granted to " + owner + ", whose renewals the database has forgotten");
    }

    void restored() {
        tell("RESTORED");
        isForgetful = true;
        world.restored();
    }

    /**
     * These children are not started again. They are lost with everything else since the backup, and their runs have to
     * end.
     */
    void forgotten(Collection<String> children) {
        forgotten.addAll(children);
    }

    /** Until every peer that ran a child by a lost grant has noticed, or has lost its permission. */
    private boolean mayOverlap() {
        return isForgetful && world.now() - world.restoredAt() < lease.toNanos() * 5 / 4;
    }

    /**
     * Whether a peer that found no contradiction in its renewals could not compare its rows yet: it has asked for them
     * since the restore and got no answer, or only just now (docs/fencing.md, what is not covered).
     */
    private boolean isBlind(SimulatedProcess process) {
        return isForgetful && process.isBlind(lease.dividedBy(2));
    }

    /** Thrown at once, so that the schedule ends there. Thrown again at the end, in case it was swallowed. */
    private void broken(String what) {
        tell("BROKEN " + what);
        first = first == null ? new Broken(what) : first;
        throw first;
    }

    void began(SimulatedProcess process, PlayedRun run) {
        String child = run.childId();
        tell("begin " + child + " token " + run.token() + " on " + run.owner().substring(0, 4));
        begun++;
        if (process != lastProcess.put(child, process)) {
            moved++;
        }
        List<Active> others = active.computeIfAbsent(child, id -> new ArrayList<>());
        others.removeIf(one -> !one.process().isAlive());
        for (Active other : others) {
            if (!immediate.contains(child)
                    && !mayBeLate(other.process())
                    && !mayOverlap()
                    && !isBlind(other.process())) {
                broken("P1: two runs of " + child + ", tokens " + other.run().token() + " and " + run.token());
            }
        }
        others.add(new Active(process, run));
        checkToken(child, run.token());
        Long granted = database.token(child);
        if (granted != null && granted < run.token() && !mayOverlap()) {
            broken("P3: run " + run.token() + " of " + child + " was not granted yet");
        }
        if (database.stateOf(new PeerId(UUID.fromString(run.owner()))) == PeerState.DEAD) {
            broken("P6: " + child + " begins on a peer that was declared dead");
        }
    }

    /**
     * A run that may overlap may also begin late: its first write is refused, unless another run of that child has the
     * same token. Two children may have the same token: a restored database grants tokens that it has lost again, to
     * children that never had them.
     */
    private void checkToken(String child, long token) {
        Long highest = lastToken.merge(child, token, Math::max);
        boolean isNew = used.computeIfAbsent(child, id -> new HashSet<>()).add(token);
        if (!isNew || (token < highest && !immediate.contains(child))) {
            broken("P2: run " + token + " of " + child + " after run " + highest);
        }
    }

    /** A process that stood still across its deadline continues until it has noticed that. */
    private boolean mayBeLate(SimulatedProcess process) {
        return process.isPaused() || process.hasJustResumed(stopBound);
    }

    /** Whether the run is active and its stop was not reported before. */
    boolean stopping(PlayedRun run) {
        boolean isActive =
                active.getOrDefault(run.childId(), List.of()).stream().anyMatch(one -> one.run() == run);
        return isActive && stopping.add(run);
    }

    void ended(PlayedRun run) {
        tell("end   " + run.childId() + " token " + run.token());
        active.getOrDefault(run.childId(), List.of()).removeIf(one -> one.run() == run);
    }

    /** Records the certificate of a peer that renewed last at that time. */
    void certified(PeerId victim, long renewedAt) {
        certificates++;
        tell("dead  " + victim.toString().substring(0, 4));
        long shortest = (long) (lease.toNanos() * 0.999);
        if (world.now() - renewedAt < shortest) {
            broken("P8: a peer is declared dead " + (world.now() - renewedAt) / 1_000_000 + " ms after its renewal");
        }
        // An outage that begins just after a read was answered is seen only when the next read fails. That is three
        // intervals later if the answer was slow.
        long away = server.away(renewedAt, world.now());
        if (away > 0 && world.now() - renewedAt - away < shortest - lease.toNanos() * 3 / 5) {
            broken("P5: a peer is declared dead after " + away / 1_000_000 + " ms of outage");
        }
    }

    void check() {
        if (first != null) {
            throw first;
        }
    }

    boolean isAtRest(List<String> children) {
        return children.stream().allMatch(child -> unrest(child) == null);
    }

    /**
     * At the end, long after the last fault: each child runs once, as its row says, and a child without a row does not
     * run.
     */
    void atRest(List<String> children) {
        for (String child : children) {
            String unrest = unrest(child);
            if (unrest != null) {
                broken("P7: " + unrest);
            }
        }
    }

    private @Nullable String unrest(String child) {
        List<Active> runs = active.getOrDefault(child, List.of()).stream()
                .filter(one -> one.process().isAlive())
                .toList();
        if (runs.size() != (forgotten.contains(child) ? 0 : 1)) {
            return runs.size() + " runs of " + child + " at the end";
        }
        Long token = database.token(child);
        if (runs.isEmpty()) {
            return token == null ? null : "a row of " + child + ", which was forgotten";
        }
        PlayedRun run = runs.get(0).run();
        return token != null && token == run.token()
                ? null
                : "run " + run.token() + " of " + child + ", whose row says " + token;
    }
}
