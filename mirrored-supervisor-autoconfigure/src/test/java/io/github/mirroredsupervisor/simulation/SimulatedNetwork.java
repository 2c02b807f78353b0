package io.github.mirroredsupervisor.simulation;

import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.simulation.SimulatedStore.Line;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is between one process and the database: each line of its own may be slow, or lose what is sent in either
 * direction, and the database may be away.
 */
final class SimulatedNetwork implements SimulatedStore.Network {

    /** What becomes of the messages of a line. */
    enum Trouble {
        NONE,
        SLOW,
        LOSES_REQUESTS,
        LOSES_REPLIES,
        /** Loses either now and then. */
        LOSSY,
        /** A request arrives long after its sender has given it up. */
        LATE_REQUESTS,
        /** One more answer comes, hardly in time, and then none. */
        FADING
    }

    /** The database itself, for all. */
    static final class Availability {

        private record Outage(long from, long to) {}

        private final List<Outage> past = new ArrayList<>();
        private Outage last = new Outage(0, 0);
        private boolean silent;

        /** From now on until then; what was said before of later times counts no more. */
        void away(long now, long until, boolean inSilence) {
            past.add(new Outage(last.from(), Math.min(last.to(), now)));
            last = new Outage(now, until);
            silent = inSilence;
        }

        boolean isAway(long now) {
            return now < last.to();
        }

        /** For how long it was away between two moments. */
        long away(long from, long to) {
            return Stream.concat(past.stream(), Stream.of(last))
                    .mapToLong(outage -> Math.max(0, Math.min(to, outage.to()) - Math.max(from, outage.from())))
                    .sum();
        }
    }

    private final SimulatedWorld world;
    private final SimulatedProcess process;
    private final Availability server;
    private final long leaseNanos;
    private final long renewalBoundNanos;

    /** How likely a message of an undisturbed line takes its time, and how long at most. */
    private double hesitation;

    private final long longest;
    private final Map<Line, Trouble> troubles = new EnumMap<>(Line.class);

    SimulatedNetwork(SimulatedWorld world, SimulatedProcess process, Availability server, Duration lease) {
        this.world = world;
        this.process = process;
        this.server = server;
        this.leaseNanos = lease.toNanos();
        this.renewalBoundNanos = leaseNanos / 5;
        this.hesitation = world.chance(0.3) ? 0.5 : 0.1;
        this.longest = leaseNanos / (world.chance(0.3) ? 6 : 50);
    }

    /**
     * From now on every message takes no time, so that whoever waits for one is not kept waiting by those who came
     * later.
     */
    void calm() {
        hesitation = 0;
        troubles.clear();
    }

    void disturb(Line line, Trouble trouble) {
        troubles.put(line, trouble);
    }

    @Override
    public boolean rehearses() {
        return false;
    }

    private long bound(Line line) {
        return line == Line.RENEW ? renewalBoundNanos : leaseNanos * 2;
    }

    @Override
    public <T extends @Nullable Object> T call(Line line, Supplier<T> transaction) {
        process.check();
        Trouble trouble = troubles.getOrDefault(line, Trouble.NONE);
        long end = world.now() + bound(line);
        long request = delay(trouble == Trouble.SLOW);
        if (server.isAway(world.now())) {
            process.pass(server.silent ? bound(line) : world.upTo(2_000_000));
            throw new StoreUnavailableException("away", null);
        }
        if (trouble == Trouble.LOSES_REQUESTS || (trouble == Trouble.LOSSY && world.chance(0.2))) {
            return lost(end);
        }
        if (trouble == Trouble.LATE_REQUESTS || world.now() + request >= end) {
            long arrives = Math.max(world.now() + request, end + world.upTo(leaseNanos));
            world.at(arrives, null, () -> executeQuietly(transaction));
            return lost(end);
        }
        if (request > 0) {
            process.pass(request);
        }
        if (server.isAway(world.now())) {
            return lost(end);
        }
        T result = transaction.get();
        long reply = trouble == Trouble.FADING ? hardlyInTime(line, end) : delay(trouble == Trouble.SLOW);
        if (trouble == Trouble.LOSES_REPLIES
                || (trouble == Trouble.LOSSY && world.chance(0.2))
                || world.now() + reply >= end) {
            return lost(end);
        }
        if (reply > 0) {
            process.pass(reply);
        }
        process.check();
        return result;
    }

    /** Most messages take no time, which costs nothing to simulate. */
    private long delay(boolean slow) {
        if (slow) {
            return world.upTo(leaseNanos / 3);
        }
        return world.chance(hesitation) ? world.upTo(longest) : 0;
    }

    private long hardlyInTime(Line line, long end) {
        troubles.replace(line, Trouble.FADING, Trouble.LOSES_REQUESTS);
        return (long) ((end - world.now()) * (0.7 + 0.29 * world.random.nextDouble()));
    }

    private void executeQuietly(Supplier<?> transaction) {
        if (!server.isAway(world.now())) {
            transaction.get();
        }
    }

    private <T extends @Nullable Object> T lost(long end) {
        process.pass(Math.max(0, end - world.now()));
        throw new StoreUnavailableException("no answer", null);
    }
}
