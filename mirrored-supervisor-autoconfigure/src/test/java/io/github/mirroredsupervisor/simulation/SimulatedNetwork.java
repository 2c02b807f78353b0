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
 * The network between one process and the database. Each line may be slow or lose messages in either direction,
 * independently of the others, and the database may be away.
 */
final class SimulatedNetwork implements SimulatedStore.Network {

    /** What happens to the messages of a line. */
    enum Trouble {
        NONE,
        SLOW,
        LOSES_REQUESTS,
        LOSES_REPLIES,
        /** Sometimes loses a request or an answer. */
        LOSSY,
        /** A request arrives long after its sender has given up. */
        LATE_REQUESTS,
        /** One more answer arrives, just in time, and then none. */
        FADING
    }

    /** The outages of the database itself, for all processes. */
    static final class Availability {

        private record Outage(long from, long to) {}

        private final List<Outage> past = new ArrayList<>();
        private Outage last = new Outage(0, 0);
        private boolean silent;

        /** Starts an outage that lasts until the given time. It ends an earlier one. */
        void away(long now, long until, boolean inSilence) {
            past.add(new Outage(last.from(), Math.min(last.to(), now)));
            last = new Outage(now, until);
            silent = inSilence;
        }

        boolean isAway(long now) {
            return now < last.to();
        }

        /** How long it was away between two moments. */
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

    /** How likely a message of an undisturbed line is delayed, and by how much at most. */
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
     * From now on messages take no time. Nested waits end in reverse order, so a later one would otherwise delay an
     * earlier one.
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
        if (line == Line.WORK) {
            process.asks();
        }
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
        if (line == Line.WORK) {
            process.answered();
        }
        return result;
    }

    /** Most messages take no time, which is cheap to simulate. */
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
